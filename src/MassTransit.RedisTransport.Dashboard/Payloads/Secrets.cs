namespace MassTransit.RedisTransport.Dashboard.Payloads;

/// <summary>The names of headers whose values are not shown unless the application says otherwise.</summary>
internal static class Secrets
{
    static readonly string[] Parts =
        ["authorization", "cookie", "token", "secret", "signature", "api-key", "apikey", "api_key", "password"];

    public static bool IsSecret(string header) => Array.Exists(Parts, x => header.Contains(x, StringComparison.OrdinalIgnoreCase));
}
