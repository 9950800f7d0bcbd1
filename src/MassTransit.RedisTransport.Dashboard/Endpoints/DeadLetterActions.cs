using MassTransit.RedisTransport.Dashboard.Pages;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>
/// Replay and purge: first the question, then the act. Those selected are done at once; all that match become an operation, which goes on
/// while nobody looks.
/// </summary>
internal static class DeadLetterActions
{
    public static Task<Answer> ConfirmReplayAsync(OpsRequest request) => ConfirmAsync(request, isPurge: false);

    public static Task<Answer> ConfirmPurgeAsync(OpsRequest request) => ConfirmAsync(request, isPurge: true);

    public static async Task<Answer> ReplayAsync(OpsRequest request)
    {
        var (queue, form) = (request.Queue, await request.ReadFormAsync().ConfigureAwait(false));
        var choice = Choice.Read(form);
        var replay = ReplayInputs.Read(form, queue);
        var meant = await choice.FindAsync(request, queue).ConfigureAwait(false);
        if (choice.IsSelected)
        {
            string[] keys = [.. meant.Selection.Keys!];
            var count = await Audited.ActAsync(request, RedisAuditActions.Replay, queue, string.Join(' ', keys), form.Reason,
                x => request.Board.DeadLetters.ReplayAsync(queue, keys, x)).ConfigureAwait(false);
            request.Board.Catalog.Forget();
            return Answer.SeeOther(Letters(request, choice, Notice.Replayed, count), new { Replayed = count });
        }

        var preview = await PreviewAsync(request, queue, meant).ConfigureAwait(false);
        // So few are a canary themselves: there is nothing to hold back meanwhile.
        var isFew = preview.IsCountExact && preview.Count <= replay.Canary;
        return await StartAsync(request, x => request.Board.Operations.StartReplayAsync(
            replay with { Selection = meant.Selection, Canary = isFew ? 0 : replay.Canary }, request.ActorOf(form), x))
            .ConfigureAwait(false);
    }

    public static async Task<Answer> PurgeAsync(OpsRequest request)
    {
        var (queue, form) = (request.Queue, await request.ReadFormAsync().ConfigureAwait(false));
        var choice = Choice.Read(form);
        var meant = await choice.FindAsync(request, queue).ConfigureAwait(false);
        if (choice.IsSelected)
        {
            var done = await request.Board.ActAsync(x =>
                request.Board.Trash.DiscardAsync(queue, [.. meant.Selection.Keys!], request.ActorOf(form), x)).ConfigureAwait(false);
            request.Board.Catalog.Forget();
            return Answer.SeeOther(Letters(request, choice, done.InTrash < done.Deleted ? Notice.Purged : Notice.Discarded, done.Deleted),
                new { Purged = done.Deleted, done.InTrash });
        }

        if (QuestionOfLetters.NeedsName(await PreviewAsync(request, queue, meant).ConfigureAwait(false)))
            Confirmed.RequireName(form, queue);
        return await StartAsync(request, x => request.Board.Operations.StartPurgeAsync(new RedisPurge(queue, meant.Selection),
            request.ActorOf(form), x)).ConfigureAwait(false);
    }

    static async Task<Answer> ConfirmAsync(OpsRequest request, bool isPurge)
    {
        var queue = request.Queue;
        var choice = Choice.Read(request.Query);
        var meant = await choice.FindAsync(request, queue).ConfigureAwait(false);
        var preview = await PreviewAsync(request, queue, meant).ConfigureAwait(false);
        string[] targets = [.. preview.Samples.Select(x => x.OriginalQueue).Where(x => x.Length > 0).Distinct(StringComparer.Ordinal)];
        var paused = (await request.AskAsync(x => request.Board.Catalog.ReadAsync(targets, x)).ConfigureAwait(false))
            .Where(x => x.IsPaused).Select(x => x.Name);
        return Answer.Of(new ConfirmPage(new QuestionOfLetters(request, queue, isPurge, choice, meant, preview)
        {
            Targets = targets,
            Paused = [.. paused],
        }.Ask()));
    }

    /// <exception cref="Reading.MissingException">Nothing matches.</exception>
    static async Task<RedisSelectionPreview> PreviewAsync(OpsRequest request, string queue, Meant meant)
    {
        var preview = await request.CountAsync(x => request.Board.Operations.PreviewAsync(queue, meant.Selection, x)).ConfigureAwait(false);
        return preview is { Count: 0, IsCountExact: true }
            ? throw new Reading.MissingException("No dead letter matches now.") : preview;
    }

    static async Task<Answer> StartAsync(OpsRequest request, Func<CancellationToken, Task<RedisOperation>> start)
    {
        var operation = await request.Board.ActAsync(start).ConfigureAwait(false);
        request.Board.Catalog.Forget();
        request.Board.AllOperations.Forget();
        return Answer.SeeOther(request.Links.Operation(operation.Id, Notice.Say(Notice.Started, 1)), new { Operation = operation });
    }

    static Markup.Link Letters(OpsRequest request, Choice choice, string said, long count) =>
        request.Links.DeadMessages(request.Queue, [.. choice.Query.Pairs, .. Notice.Say(said, count)]);
}
