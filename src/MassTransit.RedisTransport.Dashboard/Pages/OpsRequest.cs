using System.Diagnostics;
using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Reading;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>One request, after it was let in.</summary>
internal sealed class OpsRequest(HttpContext http, Board board, Viewer viewer, Links links)
{
    public HttpContext Http => http;

    public Board Board => board;

    public Viewer Viewer => viewer;

    public Links Links => links;

    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>What the address says.</summary>
    public Asked Query { get; } = Asked.Of(http.Request.Query);

    public DateTimeOffset Now => board.Now;

    /// <summary>A client that asks for JSON and not for a page gets the page's content.</summary>
    public bool WantsJson { get; } = http.Request.Headers.Accept is var accept
        && accept.Any(x => x!.Contains("application/json", StringComparison.OrdinalIgnoreCase))
        && !accept.Any(x => x!.Contains("text/html", StringComparison.OrdinalIgnoreCase));

    /// <summary>The user's name as the audit takes it.</summary>
    public string UserName { get; } = Line(viewer.Name, RedisAuditEntry.MaxUser);

    /// <summary>The queue of the address.</summary>
    /// <exception cref="MissingException">The user does not see it.</exception>
    public string Queue => http.GetRouteValue("queue") is string queue && viewer.Sees(queue) ? queue : throw NoQueue();

    /// <summary>The key of the address.</summary>
    public string Key => http.GetRouteValue("key") as string ?? "";

    /// <summary>The same words for a queue that is not there and for one that the user does not see.</summary>
    public static MissingException NoQueue() => new("There is no such queue.");

    /// <summary>What the form says.</summary>
    /// <exception cref="BadQueryException">There is none.</exception>
    public async Task<Asked> ReadFormAsync() => http.Request.HasFormContentType
        ? Asked.Of(await http.Request.ReadFormAsync(Aborted).ConfigureAwait(false))
        : throw new BadQueryException("Send the fields as a form: application/x-www-form-urlencoded.");

    /// <summary>
    /// True for an operation on dead letters all of which the user sees, or that they have started themselves: on those that they saw.
    /// </summary>
    public bool Sees(RedisOperation operation) => viewer.Sees(operation.Queue)
        && (viewer.SeesWhole(operation.Queue) || (viewer.IsSignedIn && operation.By == UserName));

    /// <summary>Who acts, and why, for what they change.</summary>
    public RedisActor ActorOf(Asked form) => new(UserName, form.Reason)
    {
        IsProven = viewer.IsSignedIn,
        Address = http.Connection.RemoteIpAddress?.ToString(),
        TraceId = Activity.Current?.TraceId.ToHexString(),
    };

    /// <summary>One line, whatever was sent.</summary>
    static string Line(string text, int max) =>
        string.Concat((text.Length > max ? text[..max] : text).Select(x => char.IsControl(x) ? ' ' : x));

    public Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask) => board.AskAsync(ask, Aborted);

    public Task<T> CountAsync<T>(Func<CancellationToken, Task<T>> count) => board.CountAsync(count, Aborted);
}
