using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>Replay and purge of one, of those selected, of all that match: first the question, then the act.</summary>
internal static class DeadLetterActions
{
    /// <summary>What a purge of more asks the queue's name for.</summary>
    const int NeedsName = 100;

    const string Selected = "selected";
    const string Matching = "matching";
    const int MaxKeys = DeadMessagesPage.Size;
    const int Samples = 3;

    public static Task<Answer> ConfirmReplayAsync(OpsRequest request) => ConfirmAsync(request, isPurge: false);

    public static Task<Answer> ConfirmPurgeAsync(OpsRequest request) => ConfirmAsync(request, isPurge: true);

    public static Task<Answer> ReplayAsync(OpsRequest request) => ActAsync(request, isPurge: false);

    public static Task<Answer> PurgeAsync(OpsRequest request) => ActAsync(request, isPurge: true);

    static async Task<Answer> ConfirmAsync(OpsRequest request, bool isPurge)
    {
        var queue = request.Queue;
        var choice = Choice.Read(request.Query);
        var found = await FindAsync(request, queue, choice).ConfigureAwait(false);
        if (found.Letters.Count == 0)
            throw new MissingException(choice.IsSelected ? "None of them is there any more." : "No dead letter matches now.");

        var count = found.IsComplete ? Formats.Count(found.Letters.Count) : $"{Formats.Count(found.Letters.Count)} or more";
        var verb = isPurge ? "Purge" : "Replay";
        var (oldest, newest) = (found.Letters.Min(x => x.DeadSince), found.Letters.Max(x => x.DeadSince));
        string[] sentences =
        [
            $"{count} dead {(found.Letters.Count == 1 && found.IsComplete ? "letter" : "letters")} of {queue} "
                + $"({choice.Describe()}) match now, dead since {Formats.Time(oldest)}"
                + $"{(oldest == newest ? "" : $" to {Formats.Time(newest)}")}. New ones are not included.",
            isPurge
                ? "They would be deleted for good."
                : $"They would go back to {Targets(found.Letters)}, behind the messages that wait there, as if they had never failed.",
        ];
        return Answer.Of(new ConfirmPage(new Confirmation
        {
            Title = $"{verb} dead letters",
            Section = Section.Dead,
            Sentences = sentences,
            Samples = [.. found.Letters.Take(Samples).Select(x => $"{Letters.TitleOf(x)}: {VisibleText.Head(x.FaultMessage, 120)}")],
            Button = verb,
            IsDangerous = isPurge,
            TypedName = isPurge && (found.Letters.Count > NeedsName || !found.IsComplete) ? queue : null,
            Target = request.Links.DeadAct(queue, isPurge ? "purge" : "replay"),
            Cancel = request.Links.DeadMessages(queue, choice.Query.Pairs),
            Fields = choice.Fields,
        }));
    }

    static async Task<Answer> ActAsync(OpsRequest request, bool isPurge)
    {
        var queue = request.Queue;
        var form = await request.ReadFormAsync().ConfigureAwait(false);
        var choice = Choice.Read(form);
        var letters = request.Board.DeadLetters;
        if (isPurge && !choice.IsSelected && form.Text(ConfirmPage.TypedName) != queue
            && (await FindAsync(request, queue, choice).ConfigureAwait(false)) is var found
            && (found.Letters.Count > NeedsName || !found.IsComplete))
            throw new BadQueryException($"Nothing was done: type '{queue}' to confirm.");

        var filter = choice.Query.ToFilter(request.Viewer) ?? new RedisDeadLetterFilter();
        string[] keys = choice.IsSelected
            ? [.. (await FindAsync(request, queue, choice).ConfigureAwait(false)).Letters.Select(x => x.Key)] : [];
        var selection = choice.IsSelected ? string.Join(' ', keys) : choice.Describe();
        var count = isPurge
            ? await Audited.ActAsync(request, RedisAuditActions.Purge, queue, selection, x => choice.IsSelected
                ? letters.PurgeAsync(queue, keys, x) : letters.PurgeAsync(queue, filter, x)).ConfigureAwait(false)
            : await Audited.ActAsync(request, RedisAuditActions.Replay, queue, selection, x => choice.IsSelected
                ? letters.ReplayAsync(queue, keys, x) : letters.ReplayAsync(queue, filter, x)).ConfigureAwait(false);

        request.Board.Catalog.Forget();
        var said = Notice.Say(isPurge ? Notice.Purged : Notice.Replayed, count);
        return Answer.SeeOther(request.Links.DeadMessages(queue, [.. choice.Query.Pairs, .. said]),
            isPurge ? new { Purged = count } : new { Replayed = count });
    }

    /// <summary>The dead letters that are meant, those that the user does not see left out; of many the first 1,000.</summary>
    static async Task<(IReadOnlyList<RedisDeadLetter> Letters, bool IsComplete)> FindAsync(OpsRequest request, string queue, Choice choice)
    {
        var letters = request.Board.DeadLetters;
        if (!choice.IsSelected)
        {
            var page = await request.AskAsync(x => letters.ListAsync(queue, choice.Query.ToFilter(request.Viewer), 1_000, null, x))
                .ConfigureAwait(false);
            return (page.Entries, page.Next is null);
        }

        var found = await request.AskAsync(x => Task.WhenAll(choice.Keys.Select(key => letters.GetAsync(queue, key, x))))
            .ConfigureAwait(false);
        return ([.. found.OfType<RedisDeadLetter>().Where(request.Viewer.Sees)], true);
    }

    static string Targets(IReadOnlyList<RedisDeadLetter> letters)
    {
        string[] names = [.. letters.Select(x => x.OriginalQueue).Distinct(StringComparer.Ordinal).Take(4)];
        return names.Length > 3 ? $"{names[0]}, {names[1]} and others" : string.Join(", ", names);
    }

    /// <summary>Which ones are meant.</summary>
    sealed record Choice(IReadOnlyList<string> Keys, LetterQuery Query, bool IsSelected)
    {
        public IReadOnlyList<(string Name, string? Value)> Fields =>
            [("what", IsSelected ? Selected : Matching), .. Query.Pairs, .. Keys.Select(x => ("key", (string?)x))];

        public static Choice Read(Asked asked)
        {
            var isSelected = asked.Text("what", 20) switch
            {
                Selected => true,
                Matching => false,
                _ => throw new BadQueryException($"'what' is {Selected} or {Matching}."),
            };
            var keys = isSelected ? asked.All("key", MaxKeys) : [];
            return isSelected && keys.Count == 0
                ? throw new BadQueryException("Nothing is selected.")
                : new Choice(keys, LetterQuery.Read(asked), isSelected);
        }

        public string Describe() => IsSelected ? "selected" : Query.Describe();
    }
}
