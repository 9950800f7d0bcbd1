using System.Globalization;
using System.Text;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>A dead-letter queue and the queue its messages came from. Both share a tag, so that a replay is one atomic step.</summary>
internal sealed record DeadLetterQueue(BrokerQueue Queue, BrokerQueue Original)
{
    /// <summary>The name without its last suffix; <c>null</c> where the queue is no dead-letter queue.</summary>
    public static string? OriginalOf(string queue)
    {
        foreach (var suffix in (ReadOnlySpan<string>)[QueueName.ErrorSuffix, QueueName.SkippedSuffix])
        {
            if (queue.Length > suffix.Length && queue.EndsWith(suffix, StringComparison.Ordinal))
                return queue[..^suffix.Length];
        }

        return null;
    }

    /// <exception cref="ArgumentException">The name is no queue's, or no dead-letter queue's.</exception>
    /// <exception cref="RedisTransportException">Neither the queue nor its original exists.</exception>
    public static async Task<DeadLetterQueue> FindAsync(QueueBroker broker, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        var queue = broker.Queue(name);
        var original = OriginalOf(name) ?? throw new ArgumentException(
            $"'{name}' is no dead-letter queue: give '{name}{QueueName.ErrorSuffix}' or '{name}{QueueName.SkippedSuffix}'.", nameof(name));

        var found = new DeadLetterQueue(queue, broker.Queue(original));
        // A queue whose messages never failed has no dead-letter queue yet: that one is empty, not unknown.
        if (!(await found.Queue.CountAsync(cancellationToken).ConfigureAwait(false)).Exists
            && !(await found.Original.CountAsync(cancellationToken).ConfigureAwait(false)).Exists)
            throw RedisQueues.Unknown(name);
        return found;
    }

    public static string Cursor(WaitingMessage message) => $"{message.Score}/{message.Key}";

    /// <exception cref="ArgumentException">The text is no cursor.</exception>
    public static (string Score, string Key) ParseCursor(string cursor)
    {
        var slash = cursor.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || !double.TryParse(cursor.AsSpan(0, slash), NumberStyles.Float, CultureInfo.InvariantCulture, out var score) || !double.IsFinite(score))
            throw new ArgumentException($"'{cursor}' marks no place in a queue: give what Next of the page before said, or nothing to begin.", nameof(cursor));
        return (cursor[..slash], cursor[(slash + 1)..]);
    }

    /// <summary>Keys without repetitions.</summary>
    /// <exception cref="ArgumentException">One of them is none.</exception>
    public static string[] RequireKeys(IReadOnlyCollection<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (var key in keys)
        {
            if (!IsKey(key))
                throw new ArgumentException($"'{key}' is no key of a message: give the {MessageKey.Length} characters that ListAsync shows as Key.", nameof(keys));
        }

        return [.. keys.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>False for a member of the queue that no script of the transport wrote.</summary>
    public static bool IsKey(string? key) => key?.Length == MessageKey.Length && MessageKey.TryParse(Encoding.UTF8.GetBytes(key), out _);
}
