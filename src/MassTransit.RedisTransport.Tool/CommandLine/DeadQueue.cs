using MassTransit.RedisTransport.Tool.Outcomes;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary>The dead-letter queue that somebody means.</summary>
static class DeadQueue
{
    const string Error = "_error", Skipped = "_skipped";

    /// <summary>True for a name that only a dead-letter queue has.</summary>
    public static bool IsNamedSo(string queue) =>
        queue.EndsWith(Error, StringComparison.Ordinal) || queue.EndsWith(Skipped, StringComparison.Ordinal);

    /// <summary>The names that MassTransit gives to the dead-letter queues of a queue.</summary>
    public static string[] NamesOf(string queue) => [queue + Error, queue + Skipped];

    /// <summary>
    /// The queue itself if it holds dead letters; else the error queue that MassTransit names after it. One with a name of its own is
    /// asked for by that name: it may hold the dead letters of others.
    /// </summary>
    /// <exception cref="ToolException">The dead letters lie under another name.</exception>
    public static async Task<string> FindAsync(Session session, string queue, CancellationToken cancellationToken)
    {
        if (IsNamedSo(queue))
            return queue;
        var error = queue + Error;
        if (await session.Queues.ListAsync([queue], cancellationToken) is not [var own])
            return error;
        if (own.IsDeadLetterQueue)
            return queue;
        var others = own.DeadLetterQueues.Except(NamesOf(queue)).ToArray();
        return others.Length == 0 || own.DeadLetterQueues.Contains(error)
            ? error
            : throw ToolException.NotFound($"The dead letters of '{queue}' lie in {string.Join(", ", others)}, perhaps among those of "
                + "other queues: give that name.");
    }

    /// <summary>The same, of a queue that is there.</summary>
    /// <exception cref="RedisQueueNotFoundException">Neither it nor the queue it belongs to is there.</exception>
    public static async Task<string> RequireAsync(Session session, string queue, CancellationToken cancellationToken)
    {
        var name = await FindAsync(session, queue, cancellationToken);
        // Reads nothing of it.
        await session.DeadLetters.ListNewAsync(name, null, 1, cancellationToken);
        return name;
    }

    public static ToolException Missing(string queue, string key) =>
        ToolException.NotFound($"'{queue}' has no message {key}: it was replayed or purged, or never lay there.");
}
