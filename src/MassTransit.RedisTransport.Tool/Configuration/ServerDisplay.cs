namespace MassTransit.RedisTransport.Tool.Configuration;

/// <summary>An address as it may be shown: without credentials, also where they are written wrongly.</summary>
static class ServerDisplay
{
    public static string Of(string redis)
    {
        var scheme = redis.IndexOf("://", StringComparison.Ordinal);
        if (scheme > 0)
        {
            var rest = redis[(scheme + 3)..];
            return $"{redis[..(scheme + 3)]}{rest[(rest.LastIndexOf('@') + 1)..]}";
        }

        // Servers come first in a connection string. Behind the first setting anything may be a part of a password.
        var servers = redis.Split(',').TakeWhile(x => !x.Contains('=', StringComparison.Ordinal))
            .Select(x => x[(x.LastIndexOf('@') + 1)..]);
        return string.Join(',', servers);
    }

    /// <summary>The first line of every verb that talks to Redis: which server this is about.</summary>
    public static string Describe(ToolSettings settings)
    {
        var prefix = settings.Prefix.Value is { } name ? $", prefix '{name}'" : "";
        var context = settings.Context.Value is { } named && settings.Redis.Origin == $"context {named}"
            ? $", context {named}" : $" ({settings.Redis.Origin})";
        return $"mtq: {Of(settings.Redis.Value)}{prefix}{context}{(settings.IsProtected ? ", protected" : "")}";
    }
}
