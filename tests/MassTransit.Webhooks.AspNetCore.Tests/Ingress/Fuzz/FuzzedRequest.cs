using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;

namespace MassTransit.Webhooks.AspNetCore.Tests.Ingress.Fuzz;

/// <summary>
/// A signed request, and what chance makes of it. Its own number is in a header that is left alone, so that what is published can be found.
/// </summary>
sealed class FuzzedRequest(Random random, long number, DateTimeOffset now)
{
    public const string Secret = "a-secret-that-only-senders-know";
    public const string StandardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
    public const string NumberHeader = "x-fuzz";
    public static readonly string[] Receivers = ["github", "standard", "stripe", "slack", "shopify", "hmac", "token", "open"];

    static readonly string[] Oddities =
        ["", " ", ",", "=", "v1,", "t=", "sha256=", "\u00ff", "%00", "{}", "0", "-1", "9999999999999999999", "1e300", "v1,=,v1,", "a b"];

    public long Number => number;

    public string Receiver { get; } = Receivers[random.Next(Receivers.Length)];

    public List<(string Name, string Value)> Headers { get; } = [];

    public byte[] Body { get; private set; } = [];

    public string Method { get; private set; } = "POST";

    /// <summary>What the server is to take for the body, if it takes the request at all; <c>null</c> where its framing is broken.</summary>
    public byte[]? Effective { get; private set; }

    public byte[] Bytes { get; private set; } = [];

    public bool IsCutOff { get; private set; }

    public FuzzedRequest Make()
    {
        Body = random.Next(10) switch
        {
            0 => [],
            1 => RandomBytes(random.Next(70_000)),
            2 or 3 => RandomBytes(random.Next(200)),
            // Equal ones come again.
            4 => Encoding.UTF8.GetBytes($$"""{"id":"{{random.Next(20)}}","type":"paid"}"""),
            5 => Encoding.UTF8.GetBytes($$"""{"type":"url_verification","challenge":"c{{number}}"}"""),
            _ => Encoding.UTF8.GetBytes($$$"""{"id":"{{{number}}}","type":"paid","event_id":"e{{{number}}}","event":{"type":"message"}}"""),
        };
        Headers.AddRange(Signed());
        if (random.Next(4) == 0)
            Headers.Add(
                ("Content-Type", random.Next(3) switch { 0 => "application/json", 1 => "application/x-www-form-urlencoded", _ => "\"" }));
        for (var i = random.Next(4); i > 0; i--)
            Mutate();
        Frame();
        return this;
    }

    /// <summary>Whether somebody who holds the secret has signed just this. Written apart from what verifies.</summary>
    public bool IsProven(byte[] body)
    {
        string All(string name) =>
            string.Join(",", Headers.Where(x => x.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(x => x.Value));
        bool Has(string header, string code) => All(header).Contains(code, StringComparison.OrdinalIgnoreCase);
        byte[] With(string before) => [.. Encoding.Latin1.GetBytes(before), .. body];
        byte[] Code(string before) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), With(before));
        // Values are trimmed on their way.
        string One(string name) => All(name).Trim(' ', '\t');
        return Receiver switch
        {
            "github" => Has("X-Hub-Signature-256", Convert.ToHexString(Code(""))),
            "shopify" => Has("X-Shopify-Hmac-SHA256", Convert.ToBase64String(Code(""))),
            "slack" => Has("X-Slack-Signature", Convert.ToHexString(Code($"v0:{One("X-Slack-Request-Timestamp")}:"))),
            "stripe" => All("Stripe-Signature").Split(',').Select(x => x.Trim()).Where(x => x.StartsWith("t=", StringComparison.Ordinal))
                .Any(x => Has("Stripe-Signature", Convert.ToHexString(Code($"{x[2..]}.")))),
            "standard" => new[] { "webhook-", "svix-" }.Any(x => Has($"{x}signature", Convert.ToBase64String(HMACSHA256.HashData(
                Convert.FromBase64String(StandardSecret[6..]), With($"{One($"{x}id")}.{One($"{x}timestamp")}."))))),
            "hmac" => Has("X-Code", Convert.ToBase64String(HMACSHA512.HashData(Encoding.UTF8.GetBytes(Secret), With($"{One("X-Time")}:")))),
            "token" => Has("X-Gitlab-Token", Secret),
            _ => true,
        };
    }

    public override string ToString() =>
        $"{Receiver} #{number}\n{Encoding.Latin1.GetString(Bytes.AsSpan(0, Math.Min(Bytes.Length, 2_000)))}";

    IEnumerable<(string, string)> Signed()
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] With(string before) => [.. Encoding.UTF8.GetBytes(before), .. Body];
        string Hex(string before) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), With(before)));
        var id = random.Next(5) == 0 ? $"{random.Next(20)}" : $"d{number}";
        return Receiver switch
        {
            "github" => [Sign.GitHub(Secret, Body), ("X-GitHub-Delivery", id), ("X-GitHub-Event", "push")],
            "shopify" => [("X-Shopify-Hmac-SHA256", Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Body))),
                ("X-Shopify-Webhook-Id", id)],
            "slack" => [("X-Slack-Request-Timestamp", seconds), ("X-Slack-Signature", "v0=" + Hex($"v0:{seconds}:"))],
            "stripe" => [("Stripe-Signature", $"t={seconds},v1={Hex($"{seconds}.")}")],
            "standard" => [("webhook-id", id), ("webhook-timestamp", seconds),
                ("webhook-signature", "v1," + Convert.ToBase64String(HMACSHA256.HashData(
                Convert.FromBase64String(StandardSecret[6..]), With($"{id}.{seconds}."))))],
            "hmac" => [("X-Time", seconds),
                ("X-Code", Convert.ToBase64String(HMACSHA512.HashData(Encoding.UTF8.GetBytes(Secret), With($"{seconds}:"))))],
            "token" => [("X-Gitlab-Token", Secret), ("Idempotency-Key", id)],
            _ => [("X-Id", id)],
        };
    }

    void Mutate()
    {
        var index = Headers.Count == 0 ? -1 : random.Next(Headers.Count);
        var (name, value) = index < 0 ? ("X-Any", "") : Headers[index];
        switch (random.Next(16))
        {
            case 0 when index >= 0:
                Headers.RemoveAt(index);
                break;
            case 1:
                Headers.Add((name, value));
                break;
            case 2 when index >= 0 && value.Length > 0:
                var letters = value.ToCharArray();
                letters[random.Next(letters.Length)] = (char)random.Next(' ', 127);
                Headers[index] = (name, new string(letters));
                break;
            case 3 when index >= 0:
                Headers[index] = (name, random.Next(2) == 0 ? value.ToUpperInvariant() : value.ToLowerInvariant());
                break;
            case 4 when index >= 0:
                Headers[index] = (random.Next(2) == 0 ? name.ToUpperInvariant() : name.ToLowerInvariant(), value);
                break;
            case 5 when index >= 0:
                Headers[index] = (name, random.Next(2) == 0 ? $" {value} " : $"{value},{value}");
                break;
            case 6 when index >= 0:
                Headers[index] = (name, Oddities[random.Next(Oddities.Length)]);
                break;
            case 7 when index >= 0:
                Headers[index] = (name, value[..random.Next(value.Length + 1)] + Oddities[random.Next(Oddities.Length)]);
                break;
            case 8:
                Headers.Add((name, new string('x', random.Next(2_000))));
                break;
            case 9 when Body.Length > 0:
                Body[random.Next(Body.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 10:
                Body = Body[..random.Next(Body.Length + 1)];
                break;
            case 11:
                Body = [.. Body, .. RandomBytes(random.Next(1, 20))];
                break;
            case 12:
                Method = random.Next(4) switch { 0 => "GET", 1 => "PUT", 2 => "DELETE", _ => "post" };
                break;
            case 13:
                Headers.Add(("Content-Encoding", random.Next(2) == 0 ? "gzip" : "identity"));
                break;
            case 14:
                Headers.Add(("traceparent", random.Next(2) == 0 ? "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" : "00-x"));
                Headers.Add(("baggage", "a=b,%%%=,;;"));
                break;
            case 15:
                Headers.Add(("Expect", "100-continue"));
                break;
        }
    }

    /// <summary>By length or in chunks, as it should be or not.</summary>
    void Frame()
    {
        var frame = new List<byte>();
        string framing;
        switch (random.Next(12))
        {
            case < 5:
                framing = $"Content-Length: {Body.Length}";
                frame.AddRange(Body);
                Effective = Body;
                break;
            case < 9:
                framing = "Transfer-Encoding: chunked";
                for (var i = 0; i < Body.Length;)
                {
                    var length = Math.Min(Body.Length - i, random.Next(1, Math.Max(2, Body.Length / random.Next(1, 6) + 1)));
                    frame.AddRange(Encoding.ASCII.GetBytes($"{length:x}{(random.Next(5) == 0 ? ";a=b" : "")}\r\n"));
                    frame.AddRange(Body.AsSpan(i, length));
                    frame.AddRange("\r\n"u8);
                    i += length;
                }

                frame.AddRange(random.Next(4) == 0 ? "0\r\nX-Trailer: 1\r\n\r\n"u8 : "0\r\n\r\n"u8);
                Effective = Body;
                break;
            case 9:
                // More than was announced: the rest is no request's.
                var announced = random.Next(Body.Length + 1);
                framing = $"Content-Length: {announced}";
                frame.AddRange(Body);
                Effective = Body[..announced];
                break;
            case 10:
                // Less than was announced: it breaks off.
                framing = $"Content-Length: {Body.Length + random.Next(1, 50)}";
                frame.AddRange(Body);
                IsCutOff = true;
                break;
            default:
                framing = random.Next(4) switch
                {
                    0 => "Transfer-Encoding: chunked\r\nContent-Length: 1",
                    1 => "Content-Length: 1\r\nContent-Length: 2",
                    2 => "Transfer-Encoding: gzip, chunked",
                    _ => "Content-Length: -1",
                };
                frame.AddRange("zz\r\n"u8);
                frame.AddRange(Body);
                IsCutOff = true;
                break;
        }

        var head = new StringBuilder($"{Method} /webhooks/{(random.Next(30) == 0 ? "nobody" : Receiver)} HTTP/1.1\r\nHost: "
            + $"h\r\nConnection: close\r\n{NumberHeader}: {number}\r\n");
        foreach (var (name, value) in Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        Bytes = [.. Encoding.Latin1.GetBytes($"{head}{framing}\r\n\r\n"), .. frame];
    }

    byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
