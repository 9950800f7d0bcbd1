using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Configuration;

/// <summary>
/// <c>.mtq.json</c> in the folder the tool is started in, or in one above: the server that a repository is developed with. It comes with
/// the
/// repository, so whoever wrote it is not trusted: it may hold no password, and cannot say which of the user's secrets is sent to its
/// server.
/// </summary>
sealed record ProjectFile(string Path, string? Redis, string? Prefix, string? Context)
{
    public static ProjectFile? Find(ToolConsole console)
    {
        for (var folder = console.Folder; !string.IsNullOrEmpty(folder); folder = System.IO.Path.GetDirectoryName(folder))
        {
            var path = System.IO.Path.Combine(folder, ".mtq.json");
            if (File.Exists(path))
                return Read(path);
        }

        return null;
    }

    static ProjectFile Read(string path)
    {
        var root = ConfigFile.ReadObject(path);
        var redis = ConfigFile.Text(root, "redis");
        if (ConfigFile.HasPassword(redis) || root.ContainsKey("passwordEnv") || root.ContainsKey("passwordFile"))
        {
            throw ToolException.Usage($"{path} lies in a repository, where a password or the place of one has no business: name a context "
                + "of the user's own configuration instead (\"context\": \"dev\").");
        }

        return new ProjectFile(path, redis, ConfigFile.Text(root, "prefix"), ConfigFile.Text(root, "context"));
    }
}
