using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;
using MassTransit.RedisTransport.Tool.Verbs.Operations;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary><c>mtq dead replay</c> and <c>mtq dead purge</c>: durable operations, which this process works on while it waits.</summary>
static class DeadOperations
{
    static readonly Option<bool> Detach = new("--detach")
    {
        Description = "Only starts it: any process that works on operations does the rest",
    };

    public static Verb Replay(ToolConsole console)
    {
        var selection = new SelectionOptions(console);
        var rate = new Option<string?>("--rate") { Description = "Messages a second, or 'none'. Default: 100", HelpName = "number" };
        var canary = new Option<int?>("--canary")
        {
            Description = "So many first, then a look whether they fail again. Default: 10; 0: none",
        };
        var look = new Option<string?>("--look") { Description = "How long that look lasts. Default: 30s", HelpName = "duration" };
        var brake = new Option<int?>("--brake") { Description = "Stops at this percentage of failures. Default: 20", HelpName = "percent" };
        var noBrake = new Option<bool>("--no-brake") { Description = "Neither canary nor brake: goes on whatever happens" };
        var maxReady = new Option<string?>("--max-ready")
        {
            Description = "Waits while more than this wait in the target queue, or 'none'. Default: 1000",
            HelpName = "number",
        };
        return new Verb(console, "replay", "Moves dead letters back to the queue that they came from.",
            "dead replay orders --exception TimeoutException --first 10", "dead replay orders --exception TimeoutException --canary 20",
            "dead replay orders --group 0123456789abcdef --rate 50 --yes --expect 1200", "dead replay orders 000a1b2c3d4e5f60000000 --yes")
            .With([.. selection.All, rate, canary, look, brake, noBrake, maxReady, Acting.Reason, Detach, .. Confirmation.All])
            .Does(async (result, session, cancellationToken) =>
            {
                var queue = await selection.FindQueueAsync(session, result, cancellationToken);
                if (await selection.ReadAsync(session, result, queue, cancellationToken) is not { } chosen)
                    return Nothing(session, queue);
                var without = result.GetValue(noBrake);
                var request = new RedisReplay(queue, chosen);
                request = request with
                {
                    Rate = result.GetValue(rate) is { } text ? Numbers.ParseOrNone(text) : request.Rate,
                    Canary = result.GetValue(canary) ?? (without ? 0 : request.Canary),
                    Look = result.GetValue(look) is { } duration ? Durations.Parse(duration) : request.Look,
                    Brake = result.GetValue(brake) ?? (without ? null : request.Brake),
                    MaxReady = result.GetValue(maxReady) is { } most ? Numbers.ParseOrNone(most) : request.MaxReady,
                };
                // So few are a canary themselves: there is nothing to hold back meanwhile.
                return await RunAsync(session, result, "replay", queue, chosen, (preview, by) => session.Redis.Operations.StartReplayAsync(
                    preview.Count <= request.Canary ? request with { Canary = 0 } : request, by, cancellationToken), cancellationToken);
            });
    }

    public static Verb Purge(ToolConsole console)
    {
        var selection = new SelectionOptions(console);
        var noTrash = new Option<bool>("--no-trash") { Description = "Deletes for good: nothing can be restored" };
        return new Verb(console, "purge", "Deletes dead letters. They lie in the trash for a day.",
            "dead purge orders --older 30d --dry-run", "dead purge orders --older 30d --yes --expect 1200")
            .With([.. selection.All, noTrash, Acting.Reason, Detach, .. Confirmation.All])
            .Does(async (result, session, cancellationToken) =>
            {
                var queue = await selection.FindQueueAsync(session, result, cancellationToken);
                if (await selection.ReadAsync(session, result, queue, cancellationToken) is not { } chosen)
                    return Nothing(session, queue);
                var request = new RedisPurge(queue, chosen) { ToTrash = !result.GetValue(noTrash) };
                return await RunAsync(session, result, "purge", queue, chosen, (_, by) =>
                    session.Redis.Operations.StartPurgeAsync(request, by, cancellationToken), cancellationToken);
            });
    }

    static async Task<int> RunAsync(Session session, ParseResult result, string verb, string queue, RedisSelection selection,
        Func<RedisSelectionPreview, RedisActor, Task<RedisOperation>> start, CancellationToken cancellationToken)
    {
        var preview = await session.Redis.Operations.PreviewAsync(queue, selection, cancellationToken);
        if (preview.Running is { } running)
            throw ToolException.Conflict($"Operation {running} on '{queue}' has not ended: mtq ops run {running}, or mtq ops cancel "
                + $"{running}.");
        if (preview.Count == 0 && selection.Keys is { Count: 1 } keys)
            throw DeadQueue.Missing(queue, keys[0]);
        if (preview.Count == 0 && preview.IsCountExact)
            return Nothing(session, queue);
        if (!await Confirmation.AskAsync(session, result, Describe(verb, queue, preview), cancellationToken))
            return ExitCode.Done;
        var operation = await start(preview, Acting.By(session, result));
        if (!result.GetValue(Detach))
            return await OperationRow.FollowAsync(session, result, operation, cancellationToken);
        session.Output.One(OperationRow.Shape, operation);
        return ExitCode.Done;
    }

    static int Nothing(Session session, string queue)
    {
        session.Messages.Info($"No such dead letter lies in '{queue}'.");
        return ExitCode.Done;
    }

    static Danger Describe(string verb, string queue, RedisSelectionPreview preview)
    {
        var remarks = new List<string> { "What fails from now on is not included." };
        if (!preview.IsCountExact)
            remarks.Add($"Counted among the first {preview.Looked} of {preview.Queued}: there may be more.");
        if (verb == "purge" && preview.Restorable < preview.Count)
            remarks.Add($"The trash takes only {preview.Restorable} of them: the others cannot be restored.");
        return new Danger(verb, queue, preview.Count)
        {
            Oldest = preview.Oldest,
            Newest = preview.Newest,
            Samples = [.. preview.Samples.Select(x => new DeadRow(x).Sample)],
            NeedsName = verb == "purge",
            Remark = string.Join(' ', remarks),
        };
    }
}

/// <summary>The arguments and options that say which dead letters an operation is about.</summary>
sealed class SelectionOptions(ToolConsole console)
{
    readonly Argument<string> _queue = QueueNames.DeadArgument(console);

    readonly Argument<string[]> _keys = new("key")
    {
        Description = "Keys; none: all that the filter selects",
        Arity = ArgumentArity.ZeroOrMore,
    };

    readonly DeadFilter _filter = new();

    readonly Option<int?> _first = new("--first")
    {
        Description = "Only so many, in the order of the list: to try a few",
        HelpName = "count",
    };

    public IEnumerable<Symbol> All => [_queue, _keys, .. _filter.Options, _first];

    public Task<string> FindQueueAsync(Session session, ParseResult result, CancellationToken cancellationToken) =>
        DeadQueue.FindAsync(session, result.GetValue(_queue)!, cancellationToken);

    /// <returns><c>null</c> if <c>--first</c> is given and there is no such dead letter.</returns>
    public async Task<RedisSelection?> ReadAsync(Session session, ParseResult result, string queue, CancellationToken cancellationToken)
    {
        var filter = _filter.Read(result);
        var keys = (result.GetValue(_keys) ?? []).Distinct(StringComparer.Ordinal).ToArray();
        if (keys.Length > 0 && filter is not null)
            throw ToolException.Usage("Give keys or a filter, not both: it would be unclear which of the two decides.");
        if (result.GetValue(_first) is { } first)
        {
            if (first is < 1 or > RedisSelection.MaxKeys)
                throw ToolException.Usage($"--first is 1 to {RedisSelection.MaxKeys}.");
            keys = keys.Length > 0 ? [.. keys.Take(first)] : await FirstAsync(session, queue, filter, first, cancellationToken);
            // A few were asked for: where there are none, everything else must stay, also what comes from now on.
            return keys.Length > 0 ? RedisSelection.Of(keys) : null;
        }

        if (keys.Length > 0)
            return RedisSelection.Of(keys);
        return filter is null ? RedisSelection.All : RedisSelection.Where(filter);
    }

    static async Task<string[]> FirstAsync(Session session, string queue, RedisDeadLetterFilter? filter, int count,
        CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        string? next = null;
        do
        {
            var page = await session.DeadLetters.ListAsync(queue, filter, count - keys.Count, next, cancellationToken);
            keys.AddRange(page.Entries.Select(x => x.Key));
            next = page.Next;
        }
        while (next is not null && keys.Count < count);
        return [.. keys];
    }
}
