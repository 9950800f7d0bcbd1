using MassTransit.RedisTransport.Dashboard.Pages;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>What is wrong now, who receives, who did what.</summary>
internal static class OverviewEndpoints
{
    public static async Task<Answer> NowAsync(OpsRequest request)
    {
        var findings = await request.AskAsync(_ => request.Board.Findings.GetAsync()).ConfigureAwait(false);
        // What is known of an operation is for who sees all that it is about.
        return Answer.Of(new NowPage([.. findings.Where(x => x.Queue is not { } queue
            || (x.Operation is null ? request.Viewer.Sees(queue) : request.Viewer.SeesWhole(queue)))]));
    }

    public static async Task<Answer> WorkersAsync(OpsRequest request)
    {
        var receivers = await request.AskAsync(_ => request.Board.Receivers.GetAsync()).ConfigureAwait(false);
        return Answer.Of(new WorkersPage([.. receivers.Where(x => request.Viewer.Sees(x.Queue))]));
    }

    public static async Task<Answer> AuditAsync(OpsRequest request)
    {
        var queue = request.Query.Text("queue", 255);
        var before = request.Query.Text("before", 200);
        if (queue is not null && !request.Viewer.Sees(queue))
            throw OpsRequest.NoQueue();
        var page = await request.AskAsync(x => request.Board.Audit.ListAsync(AuditPage.Size, before, queue, x)).ConfigureAwait(false);
        return Answer.Of(new AuditPage(new RedisAuditPage
        {
            Entries = [.. page.Entries.Where(x => x.Queue is not { } of || request.Viewer.Sees(of))],
            Next = page.Next,
        }, queue));
    }
}
