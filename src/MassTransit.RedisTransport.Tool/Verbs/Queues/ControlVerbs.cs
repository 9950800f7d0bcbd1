using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Queues;

/// <summary>What operators have set of a queue, and what it was before. The names in JSON are public.</summary>
sealed record ControlRow(RedisQueueControl Now, RedisQueueControl? Before, RedisPauseProgress? Progress)
{
    public static readonly Shape<ControlRow> Shape = new(
        new("queue", "QUEUE", x => x.Now.Queue),
        new("isPaused", "PAUSED", x => x.Now.IsPaused),
        new("pausedAt", null, x => x.Now.PausedAt),
        new("pausedUntil", "UNTIL", x => x.Now.PausedUntil),
        new("pausedBy", "BY", x => x.Now.PausedBy),
        new("reason", "REASON", x => x.Now.Reason),
        new("limit", "LIMIT", x => x.Now.Limit),
        new("rate", "RATE", x => x.Now.Rate),
        new("workers", "WORKERS", x => x.Now.Workers),
        new("version", null, x => x.Now.Version),
        new("changedAt", null, x => x.Now.ChangedAt),
        new("changedBy", null, x => x.Now.ChangedBy),
        new("wasPaused", null, x => x.Before?.IsPaused),
        new("isDrained", null, x => x.Progress?.Done),
        new("leased", "LEASED", x => x.Progress?.Leased),
        new("receivers", null, x => x.Progress?.Receivers),
        new("obeying", "OBEYING", x => x.Progress?.Obeying, x => x.Progress is { } y ? $"{y.Obeying} of {y.Receivers}" : ""),
        new("notObeying", "NOT OBEYING", x => x.Progress?.NotObeying));
}

/// <summary><c>mtq queue pause</c> and the other verbs that change how a queue is worked on.</summary>
static class ControlVerbs
{
    public static IEnumerable<Verb> Create(ToolConsole console) =>
    [
        Pause(console),
        Change(console, "resume", "Lets paused queues go on.", null, (queues, queue, _, by, cancellationToken) =>
            queues.ResumeAsync(queue, by, cancellationToken), "queue resume payments"),
        Change(console, "limit", "Limits how many messages are at work in all processes together.", "The number, or 'none'",
            (queues, queue, number, by, cancellationToken) => queues.SetLimitAsync(queue, number, by, cancellationToken),
            "queue limit payments 50", "queue limit payments none"),
        Change(console, "rate", "Limits how many messages begin in a second, in all processes together.", "The number a second, or 'none'",
            (queues, queue, number, by, cancellationToken) => queues.SetRateAsync(queue, number, by, cancellationToken),
            "queue rate payments 100/s"),
        Change(console, "workers", "Sets how many workers each process has.", "The number, or 'none': as the code says",
            (queues, queue, number, by, cancellationToken) => queues.SetWorkersAsync(queue, number, by, cancellationToken),
            "queue workers payments 4"),
        Change(console, "reset", "Gives limit, rate and workers back to what the code says. A pause stays.", null,
            (queues, queue, _, by, cancellationToken) => queues.ResetControlAsync(queue, by, cancellationToken), "queue reset payments"),
    ];

    static Verb Pause(ToolConsole console)
    {
        var names = QueueNames.Several(console);
        var duration = new Option<string?>("--for") { Description = "Ends by itself after this time: 30m", HelpName = "duration" };
        var wait = new Option<string?>("--wait")
        {
            Description = "Waits so long for the messages at work to end; ends with 10 if they have not",
            HelpName = "duration",
        };
        return new Verb(console, "pause", "Lets no message of the queues begin, in any process. It survives restarts and deploys.",
            "queue pause payments --reason 'PSP is down' --for 30m --wait 60s", "queue pause '*' --reason 'migration'")
            .With(names, Acting.Reason, duration, wait)
            .Does(async (result, session, cancellationToken) =>
            {
                var by = Acting.By(session, result);
                TimeSpan? time = result.GetValue(duration) is { } text ? Durations.Parse(text) : null;
                TimeSpan? limit = result.GetValue(wait) is { } waiting ? Durations.Parse(waiting) : null;
                var code = await EachAsync(session, result.GetValue(names)!, async queue =>
                {
                    var before = await session.Queues.PauseAsync(queue, by, time, cancellationToken);
                    var now = await session.Queues.GetControlAsync(queue, cancellationToken);
                    return new ControlRow(now, before, null);
                }, limit is { } longest ? queue => session.Queues.WaitForPauseAsync(queue, longest, cancellationToken) : null,
                    cancellationToken);
                return code;
            });
    }

    static Verb Change(ToolConsole console, string name, string description, string? number,
        Func<IRedisQueues, string, int?, RedisActor, CancellationToken, Task<RedisQueueControl>> change, params string[] examples)
    {
        var names = number is null ? QueueNames.Several(console) : null;
        var one = number is null ? null : QueueNames.Argument(console);
        var value = new Argument<string>("number") { Description = number };
        return new Verb(console, name, description, examples)
            .With(number is null ? [names!, Acting.Reason] : [one!, value, Acting.Reason])
            .Does((result, session, cancellationToken) =>
            {
                var by = Acting.By(session, result);
                var given = number is null ? null : Numbers.ParseOrNone(result.GetValue(value)!);
                return EachAsync(session, number is null ? result.GetValue(names!)! : [result.GetValue(one!)!], async queue =>
                {
                    var before = await change(session.Queues, queue, given, by, cancellationToken);
                    return new ControlRow(await session.Queues.GetControlAsync(queue, cancellationToken), before, null);
                }, null, cancellationToken);
            });
    }

    /// <summary>Does it to each queue and shows each; <c>*</c> means all. One that fails does not keep the others from it.</summary>
    static async Task<int> EachAsync(Session session, IReadOnlyList<string> names, Func<string, Task<ControlRow>> change,
        Func<string, Task<RedisPauseProgress>>? wait, CancellationToken cancellationToken)
    {
        var queues = names.Contains("*")
            ? [.. (await session.Queues.ListAsync(cancellationToken)).Where(x => !x.IsDeadLetterQueue).Select(x => x.Name)]
            : names;
        var rows = new List<ControlRow>();
        var code = ExitCode.Done;
        foreach (var queue in queues)
        {
            try
            {
                rows.Add(await change(queue));
            }
            catch (RedisTransportException exception) when (queues.Count > 1 && !exception.IsTransient)
            {
                session.Messages.Error($"mtq: {queue}: {exception.Message}");
                code = ExitCode.Failed;
            }
        }

        for (var i = 0; wait is not null && i < rows.Count; i++)
        {
            rows[i] = rows[i] with { Progress = await wait(rows[i].Now.Queue) };
            if (!rows[i].Progress!.Done)
            {
                session.Messages.Warning(Describe(rows[i].Progress!));
                code = code == ExitCode.Done ? ExitCode.NotReached : code;
            }
        }

        session.Output.List(ControlRow.Shape, rows);
        return code;
    }

    static string Describe(RedisPauseProgress progress)
    {
        var others = progress.NotObeying.Count == 0 ? "" : $"; not by {string.Join(", ", progress.NotObeying)}";
        return progress.Control.IsPaused
            ? $"{progress.Control.Queue} is paused, obeyed by {progress.Obeying} of {progress.Receivers}{others}; {progress.Leased} "
                + "messages are at work."
            : $"{progress.Control.Queue} is not paused any more.";
    }
}
