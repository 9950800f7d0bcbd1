using System.Globalization;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>
/// What an action has done, told on the page that follows it. The address carries a word of this list and a number, never a sentence:
/// a link cannot put words on the page.
/// </summary>
internal static class Notice
{
    public const string Name = "said";
    public const string Replayed = "replayed";
    public const string Purged = "purged";
    public const string Discarded = "discarded";
    public const string Restored = "restored";
    public const string Edited = "edited";
    public const string Noted = "noted";
    public const string Started = "started";
    public const string Deleted = "deleted";
    public const string Emptied = "emptied";
    public const string Paused = "paused";
    public const string Resumed = "resumed";
    public const string Changed = "changed";

    public static (string Name, string? Value)[] Say(string what, long count) =>
        [(Name, what), ("n", count.ToString(CultureInfo.InvariantCulture))];

    public static string? Of(OpsRequest request)
    {
        var query = request.Http.Request.Query;
        if (query[Name] is not [{ } what])
            return null;
        _ = long.TryParse(query["n"], NumberStyles.None, CultureInfo.InvariantCulture, out var count);
        return what switch
        {
            Replayed => $"{Formats.Plural(count, "dead letter was", "dead letters were")} replayed.",
            Purged => $"{Formats.Plural(count, "dead letter was", "dead letters were")} purged.",
            Discarded => $"{Formats.Plural(count, "dead letter was", "dead letters were")} purged. For 24 hours the trash has "
                + $"{(count == 1 ? "it" : "them")}.",
            Restored => $"{Formats.Plural(count, "dead letter was", "dead letters were")} restored.",
            Edited => "The dead letter was edited and replayed. For 24 hours the trash has the original.",
            Noted => "The note was changed.",
            Started => "The operation has started. This page shows how far it is.",
            Emptied => $"{Formats.Plural(count, "message was", "messages were")} purged.",
            Paused => "The queue is paused. Below is how far the pause has come.",
            Resumed => "The queue goes on.",
            Changed => "The queue's control was changed.",
            Deleted => "The queue was deleted.",
            _ => null,
        };
    }
}
