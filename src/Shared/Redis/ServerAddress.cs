using System.Globalization;
using StackExchange.Redis;

namespace MassTransit.Shared;

/// <summary>
/// The parts of <c>redis://user:password@server:6379/0/prefix</c>. Error messages contain none of them: if a password contains a separator
/// (a slash, a comma, an at sign), a part of it could be taken for a server, a path or a setting and be shown.
/// </summary>
internal sealed record ServerAddress(ConfigurationOptions Options, int Database, string? KeyPrefix)
{
    const string SchemeEnd = "://";
    const string TlsScheme = "rediss";
    const int DefaultPort = 6379;

    /// <summary>
    /// True if the text is an address; false for a connection string, even if its password contains the beginning of an address.
    /// </summary>
    public static bool IsAddress(string text)
    {
        var end = text.IndexOf(SchemeEnd, StringComparison.Ordinal);
        return end > 0 && Uri.CheckSchemeName(text[..end]);
    }

    /// <exception cref="ConfigurationException">The text cannot be read.</exception>
    public static ServerAddress Parse(string text)
    {
        var schemeEnd = text.IndexOf(SchemeEnd, StringComparison.Ordinal);
        if (schemeEnd <= 0 || text[..schemeEnd].ToLowerInvariant() is not ("redis" or TlsScheme))
            throw Problem("has another scheme than redis or rediss");

        // The last at sign ends the password, because the server, the database and the prefix cannot contain one.
        var scheme = text[..schemeEnd].ToLowerInvariant();
        var rest = text[(schemeEnd + SchemeEnd.Length)..];
        var at = rest.LastIndexOf('@');
        if (!Uri.TryCreate(scheme + SchemeEnd + rest[(at + 1)..], UriKind.Absolute, out var uri))
            throw Problem("is no address; behind the last '@' it names the server, its port and the database");
        if (uri.Host.Length == 0)
            throw Problem("names no server");

        var options = new ConfigurationOptions { Ssl = scheme == TlsScheme };
        options.EndPoints.Add(uri.Host, uri.Port > 0 ? uri.Port : DefaultPort);
        if (at > 0)
        {
            var parts = rest[..at].Split(':', 2);
            options.User = parts is [{ Length: > 0 } user, _] ? Uri.UnescapeDataString(user) : null;
            options.Password = Uri.UnescapeDataString(parts[^1]);
        }

        if (rest[(at + 1)..].Split('/', '?', '#').Skip(1).Any(x => Uri.UnescapeDataString(x) is "." or ".."))
            throw Problem("has a path with '.' or '..', which addresses collapse");

        var segments = uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var database = 0;
        if (segments.Length > 2
            || (segments.Length > 0 && !int.TryParse(segments[0], NumberStyles.None, CultureInfo.InvariantCulture, out database)))
            throw Problem("has a path that is not the database's number, with or without a prefix behind it");
        return new ServerAddress(options, database, segments.Length > 1 ? Uri.UnescapeDataString(segments[1]) : null);
    }

    /// <exception cref="ConfigurationException">The text cannot be read.</exception>
    public static ConfigurationOptions ParseConnectionString(string text)
    {
        var secret = false;
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var isSetting = part.Contains('=', StringComparison.Ordinal);
            if (!isSetting && secret)
            {
                throw new ConfigurationException(
                    "The connection string names a server behind its password: a password with a comma ends at the comma there. "
                    + "Write redis://:password@server:6379/0 instead; servers come first.");
            }

            if (!isSetting && part.Contains('@', StringComparison.Ordinal))
                throw new ConfigurationException("The connection string has credentials in front of a server. Write "
                    + "redis://user:password@server:6379/0, or server:6379,user=…,password=….");
            secret |= part.StartsWith("password=", StringComparison.OrdinalIgnoreCase);
        }

        try
        {
            return ConfigurationOptions.Parse(text);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            // The original message is not used, because it contains the text that could not be read.
            throw new ConfigurationException(
                "The connection string cannot be read. Write redis://server:6379/0, or server:6379,user=…,password=…,ssl=true as "
                + "StackExchange.Redis has it. A password with a comma is given in an address: redis://:password@server:6379/0.");
        }
    }

    static ConfigurationException Problem(string problem) =>
        new($"The host address {problem}. Write redis://server:6379/0, rediss:// for TLS, with user:password@ in front of the server "
            + "where it asks for them.");
}
