using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The messages of a queue in one state, in the order of their delivery, due time or lease end.</summary>
internal sealed class MessagesPage(string queue, RedisMessageState state, int offset, IReadOnlyList<RedisQueuedMessage> messages) : Page
{
    public const int Size = 50;
    public const int MaxOffset = 100_000;

    static readonly (RedisMessageState State, string Name, string Text)[] States =
    [
        (RedisMessageState.Ready, "ready", "Ready"), (RedisMessageState.Delayed, "delayed", "Delayed"),
        (RedisMessageState.Leased, "leased", "In work"),
    ];

    public override string Title => $"Messages of {queue}";

    public override Section Section => Section.Queues;

    public override object Data => new
    {
        Queue = queue,
        State = NameOf(state),
        Offset = offset,
        Messages = messages.Select(x => new
        {
            x.Key,
            x.IsReadable,
            x.MessageId,
            x.Priority,
            x.ContentType,
            x.MessageTypes,
            x.AvailableAt,
            x.LeasedUntil,
            x.FailedDeliveries,
            Size = x.Body.Length,
        }),
    };

    public static string NameOf(RedisMessageState state) => Array.Find(States, x => x.State == state).Name;

    public static RedisMessageState? Parse(string? name) => name is null ? RedisMessageState.Ready
        : Array.FindIndex(States, x => x.Name == name) is >= 0 and var index ? States[index].State : null;

    public override void Write(Html html, OpsRequest request)
    {
        var links = request.Links;
        html.Write($"""
            <p><a href="{links.Queue(queue)}">{queue}</a></p>
            <nav aria-label="State"><ul class="tabs">
            """);
        foreach (var (value, name, text) in States)
            html.Write($"""<li><a href="{links.Messages(queue, name)}"{CurrentIf(value == state)}>{text}</a></li>""");
        html.Write($"</ul></nav>\n");
        if (messages.Count == 0)
        {
            html.Write($"""<p class="empty">{(offset == 0 ? "No message is in this state." : "There are no more messages.")}</p>""");
            return;
        }

        Tables.Begin(html, "Messages", "Message", "Type", "#Priority", When(), "#Failed deliveries", "#Size");
        foreach (var message in messages)
        {
            html.Write($"""
                <tr><th scope="row"><code>{(message.IsReadable ? message.MessageId.ToString() : message.Key)}</code></th>
                <td>{(message.IsReadable ? TypeOf(message) : "unreadable")}</td>
                <td class="n">{message.Priority}</td>
                <td>{Formats.When(message.LeasedUntil ?? message.AvailableAt, request.Now)}</td>
                <td class="n">{message.FailedDeliveries}</td>
                <td class="n">{Formats.Bytes(message.Body.Length)}</td></tr>
                """);
        }

        Tables.End(html);
        html.Write($"""<p class="pages">{Formats.Count(offset + 1)} to {Formats.Count(offset + messages.Count)}""");
        if (offset > 0)
        {
            var before = Math.Max(0, offset - Size);
            html.Write($""" · <a rel="prev" href="{links.Messages(queue, NameOf(state), before)}">Previous {Size}</a>""");
        }

        if (messages.Count == Size && offset + Size <= MaxOffset)
            html.Write($""" · <a rel="next" href="{links.Messages(queue, NameOf(state), offset + Size)}">Next {Size}</a>""");
        html.Write($"</p>\n");
    }

    static string TypeOf(RedisQueuedMessage message) =>
        VisibleText.Head(message.MessageTypes is [var type, ..] ? Tables.ShortType(type) : message.ContentType ?? "–", 200)!;

    string When() => state switch
    {
        RedisMessageState.Delayed => "Due",
        RedisMessageState.Leased => "Lease ends",
        _ => "Waits since",
    };

    static Fragment? CurrentIf(bool isCurrent) => isCurrent ? html => html.Write($""" aria-current="page" """) : null;
}
