using MassTransit.RedisTransport.Tool.Output;
using MassTransit.Webhooks.AspNetCore;
using Microsoft.AspNetCore.Http;

namespace MassTransit.RedisTransport.Tool.Signing;

/// <summary>What the ingress says of a request, and why. The reason is the one in its answer, its log and its metrics.</summary>
sealed record SenderVerdict(string Scheme, bool IsAccepted, string Reason, int Status, string? Id, string? EventType,
    IReadOnlyList<string> Explanation)
{
    public static readonly Shape<SenderVerdict> Shape = new(
        new("scheme", "Scheme", x => x.Scheme),
        new("isAccepted", "Accepted", x => x.IsAccepted),
        new("reason", "Reason", x => x.Reason),
        new("status", "Status", x => x.Status),
        new("id", "Id", x => x.Id),
        new("eventType", "Event type", x => x.EventType),
        new("explanation", "Explanation", x => x.Explanation, x => string.Join('\n', x.Explanation)) { IsBlock = true });

    /// <summary>Checks in the order of the ingress: headers, an empty body, secrets, the signature.</summary>
    public static SenderVerdict Of(SchemeKind kind, IHeaderDictionary headers, byte[] body, IReadOnlyList<string> secrets,
        DateTimeOffset now, TimeSpan tolerance)
    {
        var request = RequestOf(headers, body, secrets, now, tolerance);
        var reason = IngressReasons.Of(kind.Scheme.Precheck(request));
        var verification = default(WebhookVerification);
        if (reason == IngressReason.Accepted)
        {
            verification = kind.Scheme.Verify(request);
            reason = body.Length == 0 ? IngressReason.BodyEmpty : IngressReasons.Of(verification.Verdict);
        }

        var (status, code) = reason.Describe();
        if (reason == IngressReason.Accepted)
            status = kind.Scheme.Success.Status;
        var facts = reason == IngressReason.Accepted ? kind.Scheme.Describe(request, verification) : default;
        return new SenderVerdict(kind.Name, reason == IngressReason.Accepted, code, status, facts.Id, facts.EventType,
            Diagnosis.Explain(kind, reason, headers, body, secrets, now, tolerance));
    }

    public static WebhookRequest RequestOf(IHeaderDictionary headers, ReadOnlyMemory<byte> body, IReadOnlyList<string> secrets,
        DateTimeOffset now, TimeSpan tolerance) => new()
        {
            Headers = headers,
            Body = body,
            Secrets = secrets,
            Now = now,
            Tolerance = tolerance,
        };
}
