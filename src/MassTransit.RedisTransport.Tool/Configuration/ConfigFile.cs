using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Configuration;

/// <summary>A server that has a name, in the user's own configuration.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Redis">Its address.</param>
/// <param name="Prefix">The key prefix of the bus.</param>
/// <param name="PasswordEnv">The variable that holds the password.</param>
/// <param name="PasswordFile">The file that holds the password.</param>
/// <param name="IsProtected">True: dangerous verbs want the queue's name typed, however few messages they touch.</param>
sealed record ConfigContext(string Name, string? Redis, string? Prefix, string? PasswordEnv, string? PasswordFile, bool IsProtected);

/// <summary>
/// The user's own configuration, <c>~/.config/mtq/config.json</c>, readable by nobody else: named servers, and which of them is in use.
/// </summary>
sealed class ConfigFile
{
    const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    readonly JsonObject _root;

    ConfigFile(string path, JsonObject root)
    {
        Path = path;
        _root = root;
    }

    public string Path { get; }

    public string? Current => Text(_root, "context");

    public IEnumerable<ConfigContext> Contexts => _root["contexts"] is JsonObject contexts
        ? contexts.Where(x => x.Value is JsonObject).Select(x => Read(x.Key, (JsonObject)x.Value!)) : [];

    public ConfigContext? Find(string name) => Contexts.FirstOrDefault(x => x.Name == name);

    /// <summary>Empty if there is no file.</summary>
    /// <exception cref="ToolException">It cannot be read, or holds a password that others can read.</exception>
    public static ConfigFile Load(ToolConsole console)
    {
        var path = System.IO.Path.Combine(console.ConfigFolder, "mtq", "config.json");
        if (!File.Exists(path))
            return new ConfigFile(path, []);
        var file = new ConfigFile(path, ReadObject(path));
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~Private) != 0 && file.Contexts.Any(x => HasPassword(x.Redis)))
            throw ToolException.Usage($"{path} holds a password and can be read by others: chmod 600 {path}");
        return file;
    }

    public void Use(string name) => _root["context"] = name;

    public void Set(ConfigContext context)
    {
        if (_root["contexts"] is not JsonObject contexts)
            _root["contexts"] = contexts = [];
        var entry = new JsonObject();
        foreach (var (key, value) in new[]
        {
            ("redis", context.Redis), ("prefix", context.Prefix), ("passwordEnv", context.PasswordEnv),
            ("passwordFile", context.PasswordFile),
        })
        {
            if (value is not null)
                entry[key] = value;
        }

        if (context.IsProtected)
            entry["protected"] = true;
        contexts[context.Name] = entry;
    }

    public bool Remove(string name)
    {
        if (Current == name)
            _root.Remove("context");
        return _root["contexts"] is JsonObject contexts && contexts.Remove(name);
    }

    /// <summary>Writes a new file beside the old one and puts it in its place: a reader sees one or the other.</summary>
    public void Save()
    {
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        Directory.CreateDirectory(folder);
        var next = $"{Path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Private;
        using (var stream = new FileStream(next, options))
        using (var writer = new StreamWriter(stream))
            writer.Write(_root.ToJsonString(Indented) + "\n");
        File.Move(next, Path, overwrite: true);
    }

    /// <exception cref="ToolException">It is no JSON object.</exception>
    public static JsonObject ReadObject(string path)
    {
        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            return JsonNode.Parse(File.ReadAllText(path), documentOptions: options) as JsonObject
                ?? throw ToolException.Usage($"{path} is no JSON object.");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw ToolException.Usage($"{path} cannot be read: {exception.Message}");
        }
    }

    public static string? Text(JsonObject entry, string name) =>
        entry[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    /// <summary>True if the address or connection string has a password in it.</summary>
    public static bool HasPassword(string? redis)
    {
        if (redis is null)
            return false;
        var scheme = redis.IndexOf("://", StringComparison.Ordinal);
        return scheme > 0
            ? redis.LastIndexOf('@') is var at && at > 0 && redis.IndexOf(':', scheme + 3) is var colon && colon > 0 && colon < at
            : redis.Contains("password=", StringComparison.OrdinalIgnoreCase);
    }

    static ConfigContext Read(string name, JsonObject entry) => new(name, Text(entry, "redis"), Text(entry, "prefix"),
        Text(entry, "passwordEnv"), Text(entry, "passwordFile"),
        entry["protected"] is JsonValue value && value.TryGetValue<bool>(out var isProtected) && isProtected);
}
