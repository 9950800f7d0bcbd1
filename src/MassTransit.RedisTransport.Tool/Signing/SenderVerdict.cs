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
        var reason = kind.Scheme.Precheck(headers, now, tolerance);
        if (reason == IngressReason.Accepted)
            reason = body.Length == 0 ? IngressReason.BodyEmpty : Verify(kind, headers, body, secrets, now, tolerance);
        var (status, code) = reason.Describe();
        if (reason == IngressReason.Accepted)
            status = kind.Scheme.AcceptedStatus;
        var facts = reason == IngressReason.Accepted ? kind.Scheme.Describe(headers, body) : default;
        return new SenderVerdict(kind.Name, reason == IngressReason.Accepted, code, status, facts.Id, facts.EventType,
            Diagnosis.Explain(kind, reason, headers, body, secrets, now, tolerance));
    }

    public static IngressReason Verify(SchemeKind kind, IHeaderDictionary headers, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets,
        DateTimeOffset now, TimeSpan tolerance) => kind.Scheme.Verify(new SignedHeaders
        {
            Headers = headers,
            Secrets = secrets,
            Now = now,
            Tolerance = tolerance,
        }, body, out _);
}
