using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary>The dead letters that a verb is about: some keys, what a filter selects, or all.</summary>
sealed record DeadSelection(string Queue, IReadOnlyList<string> Keys, RedisDeadLetterFilter? Filter)
{
    const int Page = 1_000;

    /// <summary>How many are counted one by one. Beyond, only what the queue counts itself is known.</summary>
    const int MostCounted = 100_000;

    public static async Task<DeadSelection> ReadAsync(Session session, ParseResult result, Argument<string> queue, Argument<string[]> keys,
        DeadFilter filter, CancellationToken cancellationToken)
    {
        var selection = new DeadSelection(await DeadQueue.FindAsync(session, result.GetValue(queue)!, cancellationToken),
            [.. (result.GetValue(keys) ?? []).Distinct(StringComparer.Ordinal)], filter.Read(result));
        return selection is { Keys.Count: > 0, Filter: not null }
            ? throw ToolException.Usage("Give keys or a filter, not both: it would be unclear which of the two decides.") : selection;
    }

    /// <summary>The first of them, in the order of the list: a few that are tried before the others.</summary>
    public async Task<DeadSelection> FirstAsync(Session session, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > Page)
            throw ToolException.Usage($"--first is 1 to {Page}.");
        if (Keys.Count > 0)
            return this with { Keys = [.. Keys.Take(count)] };
        var keys = new List<string>();
        string? next = null;
        do
        {
            var page = await session.DeadLetters.ListAsync(Queue, Filter, count - keys.Count, next, cancellationToken);
            keys.AddRange(page.Entries.Select(x => x.Key));
            next = page.Next;
        }
        while (next is not null && keys.Count < count);
        // Nothing matches: the filter stays, and counts to nothing.
        return keys.Count == 0 ? this : new DeadSelection(Queue, keys, null);
    }

    /// <summary>Counts before anything is done.</summary>
    public async Task<Danger> PreviewAsync(Session session, string verb, CancellationToken cancellationToken)
    {
        if (Keys.Count > 0)
            return await PreviewKeysAsync(session, verb, cancellationToken);
        var first = await session.DeadLetters.ListAsync(Queue, Filter, 3, null, cancellationToken);
        if (Filter is null)
        {
            var count = await session.Queues.ListAsync([Queue], cancellationToken) is [var queue] ? queue.Ready : 0;
            return Danger(verb, count, first.Entries, null);
        }

        var total = 0L;
        DateTimeOffset? oldest = null, newest = null;
        for (string? next = null; ;)
        {
            var page = await session.DeadLetters.ListAsync(Queue, Filter, Page, next, cancellationToken);
            foreach (var letter in page.Entries)
            {
                oldest = oldest < letter.DeadSince ? oldest : letter.DeadSince;
                newest = newest > letter.DeadSince ? newest : letter.DeadSince;
            }

            total += page.Entries.Count;
            if ((next = page.Next) is null)
                break;
            if (total >= MostCounted)
            {
                throw ToolException.Usage($"The filter selects more than {MostCounted} dead letters: narrow it (--younger, --exception), "
                    + "or leave it out to mean all.");
            }
        }

        return Danger(verb, total, first.Entries, newest) with { Oldest = oldest };
    }

    async Task<Danger> PreviewKeysAsync(Session session, string verb, CancellationToken cancellationToken)
    {
        var found = new List<RedisDeadLetter>();
        foreach (var key in Keys)
        {
            if (await session.DeadLetters.GetAsync(Queue, key, cancellationToken) is { } letter)
                found.Add(letter);
            else if (Keys.Count == 1)
                throw ToolException.NotFound($"'{Queue}' has no message {key}: it was replayed or purged, or never lay there.");
            else
                session.Messages.Warning($"{key} is not there any more.");
        }

        return Danger(verb, found.Count, [.. found.Take(3)], found.Count == 0 ? null : found.Max(x => x.DeadSince)) with
        {
            Oldest = found.Count == 0 ? null : found.Min(x => x.DeadSince),
        };
    }

    Danger Danger(string verb, long count, IReadOnlyList<RedisDeadLetter> samples, DateTimeOffset? newest) => new(verb, Queue, count)
    {
        Oldest = samples.Count > 0 ? samples.Min(x => x.DeadSince) : null,
        Newest = newest,
        Samples = [.. samples.Select(x => new DeadRow(x).Sample)],
        NeedsName = verb == "purge",
        Remark = Keys.Count == 0 ? "What fails from now on is not included." : null,
    };
}
