using System.Globalization;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;
using Microsoft.AspNetCore.Routing;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>Notes on failures: known, and who is on it.</summary>
internal static class NoteEndpoints
{
    public static async Task<Answer> ShowAsync(OpsRequest request)
    {
        var (queue, group) = await FindAsync(request).ConfigureAwait(false);
        return Answer.Of(new NotePage(queue, group));
    }

    public static async Task<Answer> WriteAsync(OpsRequest request)
    {
        var (queue, group) = await FindAsync(request).ConfigureAwait(false);
        var form = await request.ReadFormAsync().ConfigureAwait(false);
        var note = Read(form);
        await request.Board.ActAsync(async x =>
        {
            await request.Board.DeadLetters.SetNoteAsync(queue, group.Id, note, request.ActorOf(form), x).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        return Answer.SeeOther(request.Links.DeadQueue(queue, Notice.Say(Notice.Noted, 1)), new { Group = group.Id, Note = note });
    }

    /// <summary>The note of the form; <c>null</c> if it has no text, which removes the one there is.</summary>
    static RedisFailureNote? Read(Asked form)
    {
        var link = form.Line("link", RedisFailureNote.MaxLength);
        if (link is not null && Link.ToPage(link) is null)
            throw new BadQueryException("Nothing was done: 'link' is an address that begins with http:// or https://.");
        var until = form.Text("until", 40) is { } text ? TimeOf(text) : (DateTimeOffset?)null;
        return form.Line("text", RedisFailureNote.MaxLength) is { } words
            ? new RedisFailureNote(words) { Link = link, Until = until } : null;
    }

    /// <summary>As browsers send it, or with seconds and a zone.</summary>
    static DateTimeOffset TimeOf(string text) =>
        DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ssK"],
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time : throw new BadQueryException("Nothing was done: 'until' is a time such as 2026-11-26T08:00, in UTC.");

    /// <exception cref="MissingException">There is no such failure, or the user does not see all dead letters of the queue.</exception>
    static async Task<(string Queue, RedisFailureGroup Group)> FindAsync(OpsRequest request)
    {
        var (queue, id) = (request.Queue, request.Http.GetRouteValue("group") as string);
        if (!request.Viewer.SeesWhole(queue))
            throw OpsRequest.NoQueue();
        var groups = await request.AskAsync(x => request.Board.DeadLetters.ListGroupsAsync(queue, x)).ConfigureAwait(false);
        return (queue, groups.Entries.FirstOrDefault(x => x.Id == id)
            ?? throw new MissingException("There is no such failure any more: all its dead letters were replayed or purged."));
    }
}
