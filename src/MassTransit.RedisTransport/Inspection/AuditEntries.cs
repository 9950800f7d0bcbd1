using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>Makes entries of the audit.</summary>
internal static class AuditEntries
{
    /// <param name="action">What is done, one of <see cref="RedisAuditActions"/>.</param>
    /// <param name="queue">To which queue.</param>
    /// <param name="selection">To which messages, or what is changed; <c>null</c>: nothing to say. What is too long is cut off.</param>
    /// <param name="by">By whom, and why.</param>
    public static RedisAuditEntry Of(string action, string queue, string? selection, RedisActor by) => new()
    {
        User = by.User,
        IsProven = by.IsProven,
        Address = by.Address,
        Action = action,
        Queue = queue,
        Selection = selection is null ? null : FailureText.Line(selection, RedisAuditEntry.MaxReason),
        Reason = by.Reason,
        TraceId = by.TraceId,
    };
}
