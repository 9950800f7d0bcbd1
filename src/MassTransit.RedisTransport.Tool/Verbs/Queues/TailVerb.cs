using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;
using MassTransit.RedisTransport.Tool.Verbs.Dead;

namespace MassTransit.RedisTransport.Tool.Verbs.Queues;

/// <summary><c>mtq tail</c>: what happens from now on.</summary>
static class TailVerb
{
    public static Command Create(ToolConsole console)
    {
        var queue = QueueNames.Argument(console, "Only this queue, or this dead-letter queue");
        queue.Arity = ArgumentArity.ZeroOrOne;
        var dead = new Option<bool>("--dead") { Description = "Only new dead letters, without the figures of the queues" };
        var every = new Option<string>("--every")
        {
            Description = "How often it looks. Default: 2s",
            DefaultValueFactory = _ => "2s",
            HelpName = "duration",
        };
        var limit = Paging.Limit(100, "How many new dead letters of a queue are shown each time, the newest; 1 to 1000");
        return new Verb(console, "tail", "Follows queues until Ctrl+C: a line with the figures of each queue in which something has "
            + "happened, and each new dead letter. Messages that are consumed are counted and not shown one by one.",
            "tail", "tail payments --every 5s", "tail --dead -o ndjson")
            .With(queue, dead, every, limit)
            .Does(async (result, session, cancellationToken) =>
            {
                var most = result.GetValue(limit);
                if (most is < 1 or > Tail.MostLetters)
                    throw ToolException.Usage($"--limit is 1 to {Tail.MostLetters}.");
                var tail = new Tail(session, result.GetValue(queue), result.GetValue(dead), most);
                return await Watching.FollowAsync(session, "--every", result.GetValue(every)!, () => tail.StepAsync(cancellationToken),
                    cancellationToken);
            });
    }
}

/// <summary>What was seen so far of the queues that are followed.</summary>
/// <param name="session">The run.</param>
/// <param name="queue">The only queue; <c>null</c>: all.</param>
/// <param name="onlyDead">Without figures.</param>
/// <param name="limit">How many new dead letters of a queue are shown at each step.</param>
sealed class Tail(Session session, string? queue, bool onlyDead, int limit)
{
    public const int MostLetters = 1_000;

    /// <summary>How many queues are asked at the same time for the moment at which it begins.</summary>
    const int Concurrent = 50;

    readonly Dictionary<string, RedisQueueInfo> _before = new(StringComparer.Ordinal);
    readonly Dictionary<string, (string Mark, long Sent)> _seen = new(StringComparer.Ordinal);

    /// <summary>The dead-letter queues of the only queue, or that one itself.</summary>
    readonly List<string> _dead = [];

    /// <summary>The dead-letter queues that there were at the beginning. What lies in any other has come since.</summary>
    string[] _old = [];

    bool _hasBegun, _isMissed;

    public async Task StepAsync(CancellationToken cancellationToken)
    {
        if (!_hasBegun)
            await BeginAsync(cancellationToken);
        var queues = queue is null
            ? await session.Queues.ListAsync(cancellationToken) : await session.Queues.ListAsync([queue, .. _dead], cancellationToken);
        foreach (var dead in queues.Where(x => queue is null ? x.IsDeadLetterQueue : _dead.Contains(x.Name)))
            await ShowLettersAsync(dead, cancellationToken);
        foreach (var info in queues.Where(x => !onlyDead && (queue is null ? !x.IsDeadLetterQueue : x.Name == queue)))
            ShowFigures(info);
        foreach (var info in queues)
            _before[info.Name] = info;
        if (queue is not null)
            await RememberAsync(queues.FirstOrDefault(x => x.Name == queue), cancellationToken);
        _hasBegun = true;
    }

    async Task BeginAsync(CancellationToken cancellationToken)
    {
        var all = await session.Queues.ListAsync(cancellationToken);
        _old = [.. all.Where(x => x.IsDeadLetterQueue).Select(x => x.Name)];
        if (queue is not null)
        {
            var own = all.FirstOrDefault(x => x.Name == queue);
            if (own is { IsDeadLetterQueue: true } || (own is null && DeadQueue.IsNamedSo(queue)))
                _dead.Add(queue);
            else
                _dead.AddRange((own ?? await session.Queues.GetAsync(queue, cancellationToken)).DeadLetterQueues
                    .Union(DeadQueue.NamesOf(queue)));
        }

        foreach (var chunk in (queue is null ? _old : [.. _dead]).Chunk(Concurrent))
            await Task.WhenAll(chunk.Select(x => MarkAsync(x, cancellationToken)));

        session.Messages.Info($"Following {queue ?? "all queues"} from now on. Ctrl+C ends it.");
    }

    async Task MarkAsync(string name, CancellationToken cancellationToken)
    {
        var mark = (await session.DeadLetters.ListNewAsync(name, null, 1, cancellationToken)).Next;
        lock (_seen)
            _seen[name] = (mark, -1);
    }

    async Task ShowLettersAsync(RedisQueueInfo dead, CancellationToken cancellationToken)
    {
        var (mark, sent) = _seen.GetValueOrDefault(dead.Name, ("0", -1));
        if (sent == dead.Sent)
            return;
        var news = await session.DeadLetters.ListNewAsync(dead.Name, mark, limit, cancellationToken);
        _seen[dead.Name] = (news.Next, dead.Sent);
        if (news.Skipped > 0)
            Show(new TailRow("skipped", dead.ReadAt, dead.Name) { Skipped = news.Skipped });
        // Others may fail into a queue with a name of its own.
        var isShared = queue is not null && queue != dead.Name && !DeadQueue.NamesOf(queue).Contains(dead.Name);
        foreach (var letter in news.Entries.Where(x => !isShared || x.OriginalQueue == queue))
            Show(new TailRow("dead-letter", letter.DeadSince, dead.Name) { Letter = new DeadRow(letter) });
    }

    void ShowFigures(RedisQueueInfo now)
    {
        if (!_before.TryGetValue(now.Name, out var before))
        {
            // The first line of the only queue says how it is; of all queues it would be a list.
            if (queue is not null || _hasBegun)
                Show(new TailRow("figures", now.ReadAt, now.Name) { Figures = now });
            return;
        }

        if (queue is null && !HasChanged(before, now))
            return;
        var seconds = (now.ReadAt - before.ReadAt).TotalSeconds;
        double? Rate(long from, long to) => seconds > 0 && to >= from ? (to - from) / seconds : null;
        Show(new TailRow("figures", now.ReadAt, now.Name)
        {
            Figures = now,
            InRate = Rate(before.Sent, now.Sent),
            OutRate = Rate(before.Completed, now.Completed),
        });
    }

    static bool HasChanged(RedisQueueInfo before, RedisQueueInfo now) =>
        (before.Sent, before.Completed, before.Ready, before.Delayed, before.Leased, before.DeadLetters, before.IsPaused)
        != (now.Sent, now.Completed, now.Ready, now.Delayed, now.Leased, now.DeadLetters, now.IsPaused);

    /// <summary>
    /// The first message that fails may make the queue's dead-letter queue. A queue may be deleted, or lost with its server's data, and
    /// come back.
    /// </summary>
    async Task RememberAsync(RedisQueueInfo? own, CancellationToken cancellationToken)
    {
        foreach (var name in own?.DeadLetterQueues.Except(_dead).ToArray() ?? [])
        {
            // Others may have failed into it for long.
            if (_old.Contains(name))
                await MarkAsync(name, cancellationToken);
            _dead.Add(name);
        }

        if (own is null && !_isMissed && _hasBegun)
            session.Messages.Warning($"There is no queue '{queue}' any more. Waiting for it.");
        _isMissed = own is null;
    }

    void Show(TailRow row) => session.Output.Row(TailRow.Shape, row);
}
