using System.Globalization;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.Health;

/// <summary>What is to be known of operations on dead letters.</summary>
internal static class OperationRules
{
    /// <summary>How long an operation that has stopped itself is told of.</summary>
    static readonly TimeSpan Recent = TimeSpan.FromHours(24);

    /// <param name="operations">The operations of all queues.</param>
    /// <param name="now">The server's clock.</param>
    public static IEnumerable<RedisFinding> Judge(IEnumerable<RedisOperation> operations, DateTimeOffset now) =>
        // Whoever has started another one there has seen it.
        operations.GroupBy(x => x.Queue, StringComparer.Ordinal).Select(x => x.MaxBy(y => y.StartedAt)!)
            .Where(x => x.State == RedisOperationState.Stopped && x.UpdatedAt > now - Recent).Select(Stopped);

    static RedisFinding Stopped(RedisOperation operation) => new()
    {
        Id = RedisFindingIds.OperationStopped,
        Severity = RedisFindingSeverity.Degraded,
        Queue = operation.Queue,
        Operation = operation.Id,
        Sentence = string.Create(CultureInfo.InvariantCulture,
            $"{operation.Queue}: the {operation.Kind.ToString().ToLowerInvariant()} of {OneLine.Of(operation.By)} has stopped itself after "
            + $"{operation.Done:N0} messages, of which {operation.FailedAgain:N0} have failed again.")
            + (OneLine.Of(operation.Because) is { Length: > 0 } because ? $" {because.TrimEnd('.')}." : ""),
        Since = operation.UpdatedAt,
        Cure = "Mend what the exceptions name, then start it again: it begins with a few messages.",
        Command = $"mtq ops show {operation.Id}",
    };
}
