using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>The trash: what was purged within a day, and the way back.</summary>
internal static class TrashEndpoints
{
    public static async Task<Answer> QueuesAsync(OpsRequest request)
    {
        var found = await request.AskAsync(_ => request.Board.AllTrash.GetAsync()).ConfigureAwait(false);
        return Answer.Of(new TrashPage(
        [
            .. found.Queues.Where(x => x.Trash.Total > 0 && request.Viewer.Sees(x.Queue))
                .Select(x => (x.Queue, request.Viewer.SeesWhole(x.Queue) ? x.Trash : null)),
        ], found.IsComplete));
    }

    public static async Task<Answer> ShowAsync(OpsRequest request)
    {
        var queue = request.Queue;
        var offset = request.Query.Number("offset", 0, 0, TrashQueuePage.MaxOffset);
        var found = await request.AskAsync(x => request.Board.Trash.ListAsync(queue, offset, TrashQueuePage.Size, x)).ConfigureAwait(false);
        // A page of large letters is shorter: the next one begins where it ends.
        var next = offset + found.Entries.Count;
        return Answer.Of(new TrashQueuePage(queue, [.. found.Entries.Where(x => Sees(request, queue, x))],
            request.Viewer.SeesWhole(queue) ? found.Total : null, offset, next > offset && next < found.Total ? next : null));
    }

    public static async Task<Answer> RestoreAsync(OpsRequest request)
    {
        var (queue, form) = (request.Queue, await request.ReadFormAsync().ConfigureAwait(false));
        var keys = form.All("key", TrashQueuePage.Size);
        if (keys.Count == 0)
            throw new BadQueryException("Nothing is selected.");
        if (!request.Viewer.SeesWhole(queue))
        {
            var read = await request.AskAsync(x => Task.WhenAll(keys.Select(key => request.Board.Trash.GetAsync(queue, key, x))))
                .ConfigureAwait(false);
            keys = [.. read.OfType<RedisTrashedLetter>().Where(x => Sees(request, queue, x)).Select(x => x.Letter.Key)];
            if (keys.Count == 0)
                throw new MissingException("None of them is in the trash any more.");
        }

        var count = await request.Board.ActAsync(x => request.Board.Trash.RestoreAsync(queue, keys, request.ActorOf(form), x))
            .ConfigureAwait(false);
        request.Board.Catalog.Forget();
        request.Board.AllTrash.Forget();
        return Answer.SeeOther(request.Links.TrashOf(queue, Notice.Say(Notice.Restored, count)), new { Restored = count });
    }

    /// <summary>Of a letter that cannot be read nobody knows whose it is.</summary>
    static bool Sees(OpsRequest request, string queue, RedisTrashedLetter trashed) =>
        request.Viewer.SeesWhole(queue) || (trashed.Letter.OriginalQueue.Length > 0 && request.Viewer.Sees(trashed.Letter));
}
