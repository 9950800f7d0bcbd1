using System.Diagnostics;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Pages;
using Microsoft.AspNetCore.Routing;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>Writes what a user does to the audit before it is done. What cannot be written there is not done.</summary>
internal static class Audited
{
    public static Task<long> ActAsync(OpsRequest request, string action, string queue, string? selection, string? reason,
        Func<CancellationToken, Task<long>> act)
    {
        var entry = EntryOf(request, action, queue) with
        {
            Selection = VisibleText.Head(selection, RedisAuditEntry.MaxReason - 1),
            Reason = reason,
        };
        return request.Board.ActAsync(x => request.Board.Audit.RunAsync(entry, () => act(x), count => count, x));
    }

    /// <summary>That somebody has seen what is in a message. Without this entry it is not shown.</summary>
    public static Task ViewAsync(OpsRequest request, string queue, string key) =>
        request.AskAsync(x => request.Board.Audit.RecordAsync(EntryOf(request, RedisAuditActions.ViewPayload, queue) with
        {
            Selection = key,
            Count = 1,
        }, x));

    /// <summary>That somebody takes many messages with them. Without this entry nothing is written.</summary>
    public static Task ExportAsync(OpsRequest request, string queue, string selection) =>
        request.AskAsync(x => request.Board.Audit.RecordAsync(EntryOf(request, RedisAuditActions.Export, queue) with
        {
            Selection = VisibleText.Head(selection, RedisAuditEntry.MaxReason - 1),
        }, x));

    /// <summary>
    /// That somebody was refused. Only of those who have signed in: anybody else could fill the audit until nothing else is in it.
    /// </summary>
    public static async Task DenyAsync(OpsRequest request, string action)
    {
        if (!request.Viewer.IsSignedIn)
            return;
        try
        {
            // An operation's id begins with its queue.
            var queue = request.Http.GetRouteValue("queue") as string
                ?? (request.Http.GetRouteValue("id") is string id && id.LastIndexOf('~') is > 0 and var end ? id[..end] : null);
            await request.AskAsync(x => request.Board.Audit.RecordAsync(EntryOf(request, action, VisibleText.Head(queue, 250)) with
            {
                Selection = VisibleText.Head($"{request.Http.Request.Method} {VisibleText.Of(request.Http.Request.Path.Value)}", 400),
                Outcome = RedisAuditOutcome.Denied,
            }, x)).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The answer is no, whether it is recorded or not.
        }
    }

    static RedisAuditEntry EntryOf(OpsRequest request, string action, string? queue) => new()
    {
        User = request.UserName,
        IsProven = request.Viewer.IsSignedIn,
        Address = request.Http.Connection.RemoteIpAddress?.ToString(),
        Action = action,
        Queue = queue,
        TraceId = Activity.Current?.TraceId.ToHexString(),
    };
}
