using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>The pages of queues.</summary>
internal static class QueueEndpoints
{
    public static async Task<Answer> ListAsync(OpsRequest request)
    {
        var name = request.Query.Text("name", 255);
        var state = request.Query.Text("state", 20);
        var holds = QueueStates.Find(state)
            ?? throw new BadQueryException($"'state' is one of {string.Join(", ", QueueStates.All.Select(x => x.Name))}.");
        var page = request.Query.Number("page", 1, 1, 100_000);
        var all = await request.AskAsync(_ => request.Board.Catalog.AllAsync()).ConfigureAwait(false);
        RedisQueueInfo[] found =
        [
            .. all.Where(x => !x.IsDeadLetterQueue && request.Viewer.Sees(x.Name)
                && (name is null || x.Name.Contains(name, StringComparison.OrdinalIgnoreCase)) && holds(x)),
        ];
        string[] shown = [.. found.Skip((page - 1) * QueuesPage.Size).Take(QueuesPage.Size).Select(x => x.Name)];
        var queues = await request.AskAsync(x => request.Board.Catalog.ReadAsync(shown, x)).ConfigureAwait(false);
        var history = await request.AskAsync(x => request.Board.History.ReadAsync([.. queues.Select(y => y.Name)], x))
            .ConfigureAwait(false);
        return Answer.Of(new QueuesPage(queues, history, found.Length, name, state, page));
    }

    public static async Task<Answer> ShowAsync(OpsRequest request)
    {
        var queue = await FindAsync(request).ConfigureAwait(false);
        var dead = request.AskAsync(x => request.Board.Catalog.ReadAsync([.. queue.DeadLetterQueues.Where(request.Viewer.Sees)], x));
        var receivers = request.AskAsync(x => request.Board.Queues.ListReceiversAsync(queue.Name, x));
        var history = request.AskAsync(x => request.Board.Queues.GetHistoryAsync(queue.Name, QueuePage.Back, x));
        // Only a look: the page is there to be loaded again.
        var pause = queue.IsPaused
            ? await request.AskAsync(x => request.Board.Queues.WaitForPauseAsync(queue.Name, TimeSpan.Zero, x)).ConfigureAwait(false)
            : null;
        var control = pause?.Control
            ?? await request.AskAsync(x => request.Board.Queues.GetControlAsync(queue.Name, x)).ConfigureAwait(false);
        return Answer.Of(new QueuePage(queue, control, pause, await dead.ConfigureAwait(false), await receivers.ConfigureAwait(false),
            await history.ConfigureAwait(false)));
    }

    public static async Task<Answer> MessagesAsync(OpsRequest request)
    {
        var queue = await NameAsync(request).ConfigureAwait(false);
        var state = MessagesPage.Parse(request.Query.Text("state", 20))
            ?? throw new BadQueryException("'state' is ready, delayed or leased.");
        var offset = request.Query.Number("offset", 0, 0, MessagesPage.MaxOffset);
        var messages = await request.AskAsync(x => request.Board.Queues.PeekAsync(queue, state, offset, MessagesPage.Size, x))
            .ConfigureAwait(false);
        return Answer.Of(new MessagesPage(queue, state, offset, messages));
    }

    public static async Task<Answer> ConfirmPurgeAsync(OpsRequest request)
    {
        var queue = await FindAsync(request).ConfigureAwait(false);
        return Answer.Of(new ConfirmPage(new Confirmation
        {
            Title = $"Purge {queue.Name}",
            Section = Section.Queues,
            Sentences =
            [
                $"{Formats.Plural(queue.Ready, "message that waits", "messages that wait")} and {Formats.Count(queue.Delayed)} delayed "
                    + "would be deleted for good, and those that come until it is done.",
                $"The {Formats.Count(queue.Leased)} in work are not deleted, and neither are dead letters.",
            ],
            Button = "Purge",
            IsDangerous = true,
            TypedName = queue.Name,
            Target = request.Links.QueueAct(queue.Name, "purge"),
            Cancel = request.Links.Queue(queue.Name),
        }));
    }

    public static async Task<Answer> PurgeAsync(OpsRequest request)
    {
        var (queue, form) = await ConfirmedAsync(request).ConfigureAwait(false);
        var count = await Audited.ActAsync(request, RedisAuditActions.Purge, queue, "ready and delayed", form.Reason,
            x => request.Board.Queues.PurgeAsync(queue, x)).ConfigureAwait(false);
        request.Board.Catalog.Forget();
        return Answer.SeeOther(request.Links.Queue(queue, Notice.Say(Notice.Emptied, count)), new { Purged = count });
    }

    public static async Task<Answer> ConfirmDeleteAsync(OpsRequest request)
    {
        var queue = await FindAsync(request).ConfigureAwait(false);
        return Answer.Of(new ConfirmPage(new Confirmation
        {
            Title = $"Delete {queue.Name}",
            Section = Section.Queues,
            Sentences =
            [
                $"The queue with all its messages would be deleted for good: {Formats.Count(queue.Ready)} ready, "
                    + $"{Formats.Count(queue.Delayed)} delayed, {Formats.Count(queue.Leased)} in work. Its dead-letter queues are not "
                    + "deleted.",
                "Stop its endpoints and senders first: a running endpoint and a send create it again.",
            ],
            Button = "Delete",
            IsDangerous = true,
            TypedName = queue.Name,
            Target = request.Links.QueueAct(queue.Name, "delete"),
            Cancel = request.Links.Queue(queue.Name),
        }));
    }

    public static async Task<Answer> DeleteAsync(OpsRequest request)
    {
        var (queue, form) = await ConfirmedAsync(request).ConfigureAwait(false);
        await Audited.ActAsync(request, RedisAuditActions.Delete, queue, null, form.Reason, async x =>
        {
            await request.Board.Queues.DeleteAsync(queue, x).ConfigureAwait(false);
            return 1;
        }).ConfigureAwait(false);
        request.Board.Catalog.Forget();
        return Answer.SeeOther(request.Links.At("queues", Notice.Say(Notice.Deleted, 1)), new { Deleted = queue });
    }

    /// <exception cref="MissingException">The user does not see it, or not all that is in it.</exception>
    static async Task<RedisQueueInfo> FindAsync(OpsRequest request)
    {
        var name = request.Queue;
        var queue = await request.AskAsync(x => request.Board.Queues.GetAsync(name, x)).ConfigureAwait(false);
        // The dead letters of several queues may lie in one, and whoever sees that one may not see all of those.
        return queue.IsDeadLetterQueue && !request.Viewer.SeesWhole(name) ? throw OpsRequest.NoQueue() : queue;
    }

    /// <summary>The name of the queue, for what shows or deletes its messages. Redis is asked only where something is hidden.</summary>
    static async Task<string> NameAsync(OpsRequest request) =>
        request.Viewer.SeesAll ? request.Queue : (await FindAsync(request).ConfigureAwait(false)).Name;

    /// <exception cref="BadQueryException">The form does not repeat the queue's name.</exception>
    static async Task<(string Queue, Asked Form)> ConfirmedAsync(OpsRequest request)
    {
        var queue = await NameAsync(request).ConfigureAwait(false);
        var form = await request.ReadFormAsync().ConfigureAwait(false);
        Confirmed.RequireName(form, queue);
        return (queue, form);
    }
}
