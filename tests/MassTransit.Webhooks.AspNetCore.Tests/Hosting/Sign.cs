using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks.AspNetCore.Tests.Hosting;

/// <summary>Signs as the senders do; written apart from what verifies.</summary>
static class Sign
{
    public static (string, string) GitHub(string secret, byte[] body) =>
        ("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)));

    public static (string, string) GitHub(string secret, string body) => GitHub(secret, Encoding.UTF8.GetBytes(body));

    public static (string, string)[] Standard(string secret, string id, DateTimeOffset time, string body)
    {
        var seconds = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var code = HMACSHA256.HashData(Convert.FromBase64String(secret[6..]), Encoding.UTF8.GetBytes($"{id}.{seconds}.{body}"));
        return [("webhook-id", id), ("webhook-timestamp", seconds), ("webhook-signature", "v1," + Convert.ToBase64String(code))];
    }

    public static (string, string) Stripe(string secret, DateTimeOffset time, string body)
    {
        var seconds = time.ToUnixTimeSeconds();
        return ("Stripe-Signature", $"t={seconds},v1={Hex(secret, $"{seconds}.{body}")}");
    }

    public static (string, string)[] Slack(string secret, DateTimeOffset time, string body)
    {
        var seconds = time.ToUnixTimeSeconds();
        return [("X-Slack-Request-Timestamp", $"{seconds}"), ("X-Slack-Signature", "v0=" + Hex(secret, $"v0:{seconds}:{body}"))];
    }

    public static (string, string) Shopify(string secret, string body) =>
        ("X-Shopify-Hmac-SHA256",
            Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body))));

    static string Hex(string secret, string content) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(content)));
}
