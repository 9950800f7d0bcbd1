using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

/// <summary>A request as a scheme sees it, to be changed at will.</summary>
sealed record Delivery(ImmediateScheme Scheme, string Secret, long Now, byte[] Body, Dictionary<string, string[]> Headers)
{
    public Delivery(ImmediateScheme scheme, string secret, long now, string body, Dictionary<string, string> headers)
        : this(scheme, secret, now, Encoding.UTF8.GetBytes(body), headers.ToDictionary(x => x.Key, x => new[] { x.Value }))
    {
    }

    /// <summary>The header that carries the code.</summary>
    public string SignatureHeader => Headers.Keys.Single(x => Scheme.ProofHeaders.Contains(x, StringComparer.OrdinalIgnoreCase));

    public string Signature => Headers[SignatureHeader][0];

    public Delivery With(string header, params string[] values) => this with { Headers = new(Headers) { [header] = values } };

    public Delivery WithSignature(params string[] values) => With(SignatureHeader, values);

    public Delivery Without(string header) => this with { Headers = Headers.Where(x => x.Key != header).ToDictionary() };

    public Delivery AsSvix() =>
        this with { Headers = Headers.ToDictionary(x => x.Key.Replace("webhook-", "svix-", StringComparison.Ordinal), x => x.Value) };

    public string Verify(params string[] secrets) => CodeOf(Scheme.Verify(Signed(secrets.Length > 0 ? secrets : [Secret])).Verdict);

    public string Precheck() => CodeOf(Scheme.Precheck(Signed([])));

    public WebhookRequest Signed(string[] secrets)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, values) in Headers)
            headers[name] = values;
        return new WebhookRequest
        {
            Headers = headers,
            Body = Body,
            Secrets = secrets,
            Now = DateTimeOffset.FromUnixTimeSeconds(Now),
            Tolerance = TimeSpan.FromSeconds(300)
        };
    }

    static string CodeOf(WebhookVerdict verdict) => IngressReasons.Of(verdict).Describe().Code;
}
