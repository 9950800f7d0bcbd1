using static System.FormattableString;

namespace MassTransit.RedisTransport.Health;

/// <summary>What is wrong with a queue by its figures. The health check and the findings for operators share these rules.</summary>
internal static class QueueRules
{
    public static IEnumerable<RedisFinding> Judge(QueueState queue, RedisHealthOptions options)
    {
        // In a paused queue messages wait because somebody wants them to.
        if (queue.Ready > options.MaxReady && !queue.IsPaused)
        {
            yield return new RedisFinding
            {
                Id = RedisFindingIds.QueueBacklog,
                Severity = RedisFindingSeverity.Degraded,
                Queue = queue.Queue,
                Sentence = Invariant($"{queue.Queue}: {queue.Ready:N0} messages wait (more than {options.MaxReady:N0}), the oldest for ")
                    + Invariant($"{queue.OldestAge.TotalSeconds:0} s."),
                Since = queue.Since(x => x.Ready > options.MaxReady),
                Cure = "Start more workers or raise their number, and see whether what they call has become slow.",
                Command = $"mtq queue show {queue.Queue}",
            };
        }

        if (queue.DeadLetters > options.MaxDeadLetters)
        {
            yield return new RedisFinding
            {
                Id = RedisFindingIds.DeadLetters,
                Severity = RedisFindingSeverity.Degraded,
                Queue = queue.Queue,
                DeadLetterQueue = queue.DeadLetterQueue,
                Sentence = Invariant($"{queue.Queue}: {queue.DeadLetters:N0} dead letters ")
                    + Invariant($"(more than {options.MaxDeadLetters:N0}{Kinds(queue)})."),
                Since = queue.Since(x => x.DeadLetters > options.MaxDeadLetters),
                Cure = "List them (IRedisDeadLetters), mend what their exceptions name, then replay or purge them.",
                Command = $"mtq dead groups {queue.DeadLettersOf}",
            };
        }
    }

    static string Kinds(QueueState queue) =>
        queue.Kinds is var (failed, skipped) ? Invariant($"; {failed:N0} failed, {skipped:N0} skipped") : "";
}
