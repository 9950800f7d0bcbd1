using System.Globalization;
using StackExchange.Redis;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Reads where Redis is, in both forms that the transport takes: an address, and StackExchange.Redis' connection string.</summary>
internal static class RedisAddress
{
    const int DefaultPort = 6379;

    /// <exception cref="ArgumentException">The text is neither. It is not repeated: it may hold a password.</exception>
    public static ConfigurationOptions Parse(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal))
            return ConfigurationOptions.Parse(text);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0)
            throw new ArgumentException("The Redis address cannot be read. Write redis://server:6379/0, rediss:// for TLS.", nameof(text));

        var options = new ConfigurationOptions { Ssl = uri.Scheme == "rediss" };
        options.EndPoints.Add(uri.Host, uri.Port > 0 ? uri.Port : DefaultPort);
        var (user, password) = uri.UserInfo.Split(':', 2) is [var name, var secret] ? (name, secret) : ("", uri.UserInfo);
        options.User = user.Length > 0 ? Uri.UnescapeDataString(user) : null;
        options.Password = password.Length > 0 ? Uri.UnescapeDataString(password) : null;
        // What follows the database, the transport's key prefix, is not for keys that are not the transport's.
        if (uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries) is [var database, ..])
        {
            options.DefaultDatabase = int.TryParse(database, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? index
                : throw new ArgumentException("The path of the Redis address is not a database's number. Write redis://server:6379/0.", nameof(text));
        }

        return options;
    }
}
