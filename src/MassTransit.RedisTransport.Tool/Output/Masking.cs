namespace MassTransit.RedisTransport.Tool.Output;

/// <summary>Values of headers that look like secrets are not shown unless somebody asks for them.</summary>
static class Masking
{
    static readonly string[] Secret = ["authorization", "cookie", "token", "secret", "signature", "api-key", "apikey", "password"];

    public static string Of(string name, string value, bool unmask) =>
        !unmask && Array.Exists(Secret, x => name.Contains(x, StringComparison.OrdinalIgnoreCase)) ? "(masked: --unmask shows it)" : value;
}
