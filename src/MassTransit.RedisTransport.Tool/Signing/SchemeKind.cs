using System.Security.Cryptography;
using System.Text;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.Webhooks.AspNetCore;

namespace MassTransit.RedisTransport.Tool.Signing;

/// <summary>What is signed besides the body.</summary>
/// <param name="Id">The sender's id.</param>
/// <param name="EventType">What happened.</param>
/// <param name="Time">When it was sent, in seconds since 1970.</param>
sealed record Facts(string Id, string EventType, long Time);

/// <summary>
/// One kind of sender: how it signs, and the ingress's own check of it. What signs is written apart from what verifies, so that one cannot
/// hide
/// the other's mistakes; only the order of the signed parts is shared.
/// </summary>
sealed class SchemeKind
{
    readonly Func<Facts, string, byte[], IEnumerable<(string Name, string Value)>> _sign;

    SchemeKind(string name, ImmediateScheme scheme, Func<Facts, string, byte[], IEnumerable<(string, string)>> sign)
    {
        Name = name;
        Scheme = scheme;
        _sign = sign;
    }

    /// <summary>All names that <c>--as</c> takes.</summary>
    public static readonly string[] Names = ["github", "standard", "svix", "stripe", "slack", "shopify", "hmac", "token", "unsigned"];

    /// <summary>Those that need no declaration.</summary>
    public static readonly string[] Known = ["github", "standard", "svix", "stripe", "slack", "shopify"];

    public string Name { get; }

    /// <summary>The ingress's check.</summary>
    public ImmediateScheme Scheme { get; }

    /// <summary>True if an old signature is refused for its age.</summary>
    public bool SignsTime => Scheme.SignsTimestamp;

    /// <summary>True if the event type stands in the body and not in a header.</summary>
    public bool HasEventInBody => Scheme.Describe(new WebhookRequest(), default).IsEventTypeSigned;

    /// <summary>
    /// The headers that prove the sender, the one that decides first. The two forms of the one standard are told apart by theirs.
    /// </summary>
    public IReadOnlyList<string> ProofHeaders => Name switch
    {
        "standard" => ["webhook-signature"],
        "svix" => ["svix-signature"],
        _ => Scheme.ProofHeaders,
    };

    public bool NeedsSecret => Scheme.NeedsSecret;

    public static SchemeKind Create(string name, Declaration declared) => name switch
    {
        "github" => new(name, new GitHubScheme(), (facts, secret, body) =>
        [
            ("X-GitHub-Event", facts.EventType), ("X-GitHub-Delivery", facts.Id),
            ("X-Hub-Signature-256", $"sha256={Hex(Mac(Utf8(secret), body))}"),
        ]),
        "standard" => new(name, new StandardWebhooksScheme(), (facts, secret, body) => Standard("webhook-", facts, secret, body)),
        "svix" => new(name, new StandardWebhooksScheme(), (facts, secret, body) => Standard("svix-", facts, secret, body)),
        "stripe" => new(name, new StripeScheme(), (facts, secret, body) =>
            [("Stripe-Signature", $"t={facts.Time},v1={Hex(Mac(Utf8(secret), [.. Utf8($"{facts.Time}."), .. body]))}")]),
        "slack" => new(name, new SlackScheme(), (facts, secret, body) =>
        [
            ("X-Slack-Request-Timestamp", $"{facts.Time}"),
            ("X-Slack-Signature", $"v0={Hex(Mac(Utf8(secret), [.. Utf8($"v0:{facts.Time}:"), .. body]))}"),
        ]),
        "shopify" => new(name, new ShopifyScheme(), (facts, secret, body) =>
        [
            ("X-Shopify-Topic", facts.EventType), ("X-Shopify-Webhook-Id", facts.Id),
            ("X-Shopify-Hmac-SHA256", Convert.ToBase64String(Mac(Utf8(secret), body))),
        ]),
        "hmac" => Declared(declared),
        "token" => Token(declared),
        "unsigned" => new(name, new UnsignedScheme(declared.IdHeader, declared.EventHeader), (facts, _, _) =>
            Named((declared.IdHeader, facts.Id), (declared.EventHeader, facts.EventType))),
        _ => throw ToolException.Usage($"'{name}' is no scheme: {string.Join(", ", Names)}."),
    };

    /// <summary>The headers that the sender would send.</summary>
    public IReadOnlyList<(string Name, string Value)> Sign(Facts facts, string secret, byte[] body) => [.. _sign(facts, secret, body)];

    static SchemeKind Declared(Declaration declared)
    {
        var options = declared.ToHmac();
        HmacScheme scheme;
        try
        {
            scheme = new HmacScheme(options);
        }
        catch (ArgumentException exception)
        {
            throw ToolException.Usage($"{exception.Message.Split(" (Parameter")[0]} On the command line: --header, --signed, --id-header, "
                + "--timestamp-header.");
        }

        var template = new SignedTemplate(options.SignedContent);
        var algorithm = options.Hash == WebhookHash.Sha512 ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;
        return new("hmac", scheme, (facts, secret, body) =>
        {
            if (!template.IsIdUnambiguous(facts.Id))
                throw ToolException.Usage("The id contains a separator of --signed: the bytes could be read in two ways.");
            var code = template.Compute(algorithm, Utf8(secret), new SignedValues
            {
                Body = body,
                Id = facts.Id,
                Timestamp = $"{facts.Time}",
                Method = "POST",
                Url = "",
                Form = "",
            });
            var text = options.Encoding == WebhookCodeEncoding.Base64 ? Convert.ToBase64String(code) : Hex(code);
            return Named((options.Header, options.Prefix + text), (options.IdHeader, facts.Id), (options.TimestampHeader, $"{facts.Time}"),
                (options.EventTypeHeader, facts.EventType));
        });
    }

    static SchemeKind Token(Declaration declared)
    {
        var options = declared.ToToken();
        return new("token", new TokenScheme(options), (facts, secret, _) => Named((options.Header, options.Prefix + secret),
            (options.IdHeader, facts.Id), (options.EventTypeHeader, facts.EventType)));
    }

    static IEnumerable<(string, string)> Standard(string prefix, Facts facts, string secret, byte[] body)
    {
        var key = Convert.FromBase64String(secret.StartsWith("whsec_", StringComparison.Ordinal) ? secret["whsec_".Length..] : secret);
        var code = Mac(key, [.. Utf8($"{facts.Id}.{facts.Time}."), .. body]);
        return
        [
            ($"{prefix}id", facts.Id), ($"{prefix}timestamp", $"{facts.Time}"),
            ($"{prefix}signature", $"v1,{Convert.ToBase64String(code)}"),
        ];
    }

    static IEnumerable<(string, string)> Named(params (string? Name, string Value)[] headers) =>
        headers.Where(x => !string.IsNullOrEmpty(x.Name)).Select(x => (x.Name!, x.Value));

    static byte[] Mac(byte[] key, byte[] content) => HMACSHA256.HashData(key, content);

    static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    static string Hex(byte[] code) => Convert.ToHexStringLower(code);
}
