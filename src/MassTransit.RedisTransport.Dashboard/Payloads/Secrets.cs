namespace MassTransit.RedisTransport.Dashboard.Payloads;

/// <summary>The names of headers whose values are not shown unless the application says otherwise.</summary>
internal static class Secrets
{
    /// <summary>Parts of names, as they are without hyphens and underscores.</summary>
    static readonly string[] Parts =
    [
        "authorization", "cookie", "token", "secret", "signature", "password", "passwd", "passphrase", "credential", "apikey", "accesskey",
        "privatekey",
    ];

    public static bool IsSecret(string header)
    {
        var name = header.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        return Array.Exists(Parts, x => name.Contains(x, StringComparison.OrdinalIgnoreCase));
    }
}
