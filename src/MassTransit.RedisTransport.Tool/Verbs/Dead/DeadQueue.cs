using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary>The dead-letter queue that somebody means.</summary>
static class DeadQueue
{
    /// <summary>
    /// The queue itself if it holds dead letters; else the error queue that MassTransit names after it, which is told on stderr. A queue
    /// whose
    /// dead letters have another name is asked for by that name.
    /// </summary>
    public static async Task<string> FindAsync(Session session, string queue, CancellationToken cancellationToken)
    {
        var known = (await session.Queues.ListAsync([queue, $"{queue}_error"], cancellationToken)).ToDictionary(x => x.Name);
        if (known.TryGetValue(queue, out var own) && own.IsDeadLetterQueue)
            return queue;
        var isNamedSo = queue.EndsWith("_error", StringComparison.Ordinal) || queue.EndsWith("_skipped", StringComparison.Ordinal);
        if (own is null && isNamedSo)
            return queue;
        return own is null || own.DeadLetters == 0 || known.ContainsKey($"{queue}_error")
            ? $"{queue}_error"
            : throw ToolException.NotFound($"The dead letters of '{queue}' lie in a queue with another name: 'mtq queues --all' names it, "
                + "and 'mtq dead' takes that name.");
    }
}
