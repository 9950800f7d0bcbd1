using System.Globalization;
using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Payloads;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>One dead letter: why it failed, what became of it, and what is in it for those who may see that.</summary>
/// <param name="described">The dead letter.</param>
/// <param name="trace">Its trace; <c>null</c>: none.</param>
/// <param name="payload">Its body; <c>null</c> for who may not see it.</param>
/// <param name="curl">A line that sends the body again; <c>null</c> for who may not see it.</param>
/// <param name="isSecret">Which headers are not shown.</param>
internal sealed class DeadLetterPage(Described described, Link? trace, Payload? payload, string? curl, Func<string, bool> isSecret) : Page
{
    const int MaxStack = 64 * 1024;
    const int MaxHeaders = 200;

    readonly RedisDeadLetter _letter = described.Letter;

    public override string Title => Letters.TitleOf(_letter);

    public override Section Section => Section.Dead;

    public override object Data => new
    {
        Letter = LetterData.Head(_letter),
        StackTrace = VisibleText.Head(_letter.StackTrace, MaxStack),
        described.Description?.Values,
        Headers = _letter.Headers.Take(MaxHeaders).ToDictionary(x => x.Key, x => payload is null ? null : ValueOf(x.Key, x.Value)),
        SentHeaders = described.Description?.Headers.Take(MaxHeaders)
            .ToDictionary(x => x.Key, x => payload is null ? null : ValueOf(x.Key, x.Value)),
        Payload = payload is null ? null : new { Kind = payload.Kind.ToString(), payload.Text, payload.Fields, payload.IsComplete },
        Trace = trace?.Address,
    };

    public override void Write(Html html, OpsRequest request)
    {
        var links = request.Links;
        html.Write($"""
            <p><a href="{links.DeadMessages(_letter.Queue)}">{_letter.Queue}</a></p>
            """);
        WriteActs(html, request);
        WriteFailure(html);
        WriteLife(html, request);
        if (described.Description is { } description)
        {
            WriteHeaders(html, "Headers that came with the body",
                [.. description.Headers.Select(x => KeyValuePair.Create(x.Key, (object)x.Value))]);
        }

        WriteHeaders(html, "Headers of the message", [.. _letter.Headers]);
        WritePayload(html, request);
        WriteLines(html);
    }

    void WriteActs(Html html, OpsRequest request)
    {
        var links = request.Links;
        (string, string?)[] one = [("what", "selected"), ("key", _letter.Key)];
        html.Write($"""<p class="acts">""");
        if (request.Viewer.Can(Right.Operate))
            html.Write($"""<a class="button" href="{links.DeadAct(_letter.Queue, "replay", one)}">Replay…</a> """);
        if (request.Viewer.Can(Right.Destroy))
            html.Write($"""<a class="button danger" href="{links.DeadAct(_letter.Queue, "purge", one)}">Purge…</a> """);
        if (request.Viewer.Can(Right.Edit) && payload is not null && _letter.IsReadable)
            html.Write($"""<a class="button" href="{links.DeadLetterPart(_letter.Queue, _letter.Key, "edit")}">Edit and replay…</a> """);
        if (payload is { Kind: not PayloadKind.Empty })
            html.Write($"""<a class="button" href="{BodyLink(links)}" download>Download the body</a> """);
        if (trace is { } address)
            html.Write($"""<a class="button" href="{address}" rel="noopener noreferrer">Trace</a>""");
        html.Write($"</p>\n");
    }

    void WriteFailure(Html html)
    {
        html.Write($"""
            <h2>Failure</h2>
            <dl class="facts">
            <div><dt>Exception</dt><dd>{VisibleText.Head(_letter.ExceptionType ?? "–", 500)}</dd></div>
            <div><dt>Message</dt><dd class="text">{VisibleText.Head(_letter.FaultMessage ?? "–", 4_000)}</dd></div>
            <div><dt>Reason</dt><dd>{VisibleText.Head(_letter.Reason ?? "–", 500)}</dd></div>
            </dl>
            """);
        if (_letter.StackTrace is { Length: > 0 } stack)
        {
            html.Write($"""
                <details open><summary>Stack trace</summary>
                <div class="scroll" role="region" aria-label="Stack trace" tabindex="0"><pre>{VisibleText.Head(stack, MaxStack)}</pre></div>
                </details>
                """);
        }
    }

    void WriteLife(Html html, OpsRequest request)
    {
        var now = request.Now;
        html.Write($"""
            <h2>Life</h2>
            <dl class="facts">
            {Values()}
            <div><dt>Message id</dt><dd><code>{(_letter.IsReadable ? _letter.MessageId.ToString() : "unreadable")}</code></dd></div>
            <div><dt>Key</dt><dd><code>{_letter.Key}</code></dd></div>
            <div><dt>Came from</dt><dd>{From(request)}</dd></div>
            <div><dt>Types</dt><dd>{VisibleText.Head(string.Join(", ", _letter.MessageTypes.Take(10)), 1_000)}</dd></div>
            <div><dt>Priority</dt><dd>{_letter.Priority}</dd></div>
            <div><dt>First failed</dt><dd>{Formats.When(_letter.FirstFailedAt, now)}</dd></div>
            <div><dt>Last failed</dt><dd>{Formats.When(_letter.LastFailedAt, now)}</dd></div>
            <div><dt>Dead since</dt><dd>{Formats.When(_letter.DeadSince, now)}</dd></div>
            <div><dt>Attempts in the last delivery</dt><dd>{Letters.AttemptsOf(_letter)}</dd></div>
            <div><dt>Redeliveries</dt><dd>{_letter.RedeliveryCount ?? 0}</dd></div>
            <div><dt>Deliveries since then</dt><dd>{Number(_letter.DeliveryCount)}</dd></div>
            <div><dt>Replays</dt><dd>{_letter.ReplayCount}</dd></div>
            </dl>
            """);
    }

    /// <summary>What those tell who know the message.</summary>
    Fragment Values() => html =>
    {
        foreach (var facet in described.Facets)
            html.Write($"<div><dt>{facet.Title}</dt><dd>{VisibleText.Head(described.ValueOf(facet), 500) ?? "–"}</dd></div>\n");
    };

    Fragment From(OpsRequest request) => html =>
    {
        if (_letter.OriginalQueue.Length == 0)
            html.Write($"not known");
        else
            html.Write($"""<a href="{request.Links.Queue(_letter.OriginalQueue)}">{_letter.OriginalQueue}</a>""");
    };

    void WriteHeaders(Html html, string title, IReadOnlyCollection<KeyValuePair<string, object>> headers)
    {
        html.Write($"<h2>{title}</h2>\n");
        if (headers.Count == 0)
        {
            html.Write($"""<p class="empty">There are none.</p>""");
            return;
        }

        Tables.Begin(html, title, "Name", "Value");
        foreach (var (name, value) in headers.OrderBy(x => x.Key, StringComparer.OrdinalIgnoreCase).Take(MaxHeaders))
        {
            // The stack trace stands above.
            if (name.Equals(MessageHeaders.FaultStackTrace, StringComparison.OrdinalIgnoreCase))
                continue;
            html.Write($"""
                <tr><th scope="row"><code>{VisibleText.Head(name, 300)}</code></th>
                <td class="text">{(payload is null ? "(your rights do not include payloads)" : ValueOf(name, value))}</td></tr>
                """);
        }

        Tables.End(html);
        if (headers.Count > MaxHeaders)
            html.Write($"<p>{Formats.Count(headers.Count - MaxHeaders)} more are not shown.</p>\n");
    }

    void WritePayload(Html html, OpsRequest request)
    {
        html.Write($"<h2>Body</h2>\n");
        if (payload is null)
        {
            html.Write($"""<p class="empty">{Formats.Bytes(described.Body.Length)}. Your rights do not include payloads.</p>""");
            return;
        }

        html.Write($"""<p>{Formats.Bytes(payload.Length)}, {VisibleText.Head(described.ContentType ?? "no content type", 200)}""");
        if (!payload.IsComplete)
            html.Write($""". Only the beginning is shown; <a href="{BodyLink(request.Links)}" download>download</a> the rest""");
        html.Write($".</p>\n");
        switch (payload.Kind)
        {
            case PayloadKind.Empty:
                return;
            case PayloadKind.Form:
                Tables.Begin(html, "Fields", "Field", "Value");
                foreach (var (name, value) in payload.Fields)
                    html.Write($"""<tr><th scope="row">{name}</th><td class="text">{value}</td></tr>""");
                Tables.End(html);
                return;
            default:
                html.Write($"""<div class="scroll" role="region" aria-label="Body" tabindex="0"><pre>""");
                if (!html.TextWithin(payload.Text, MaxMarkup))
                    html.Write($"…");
                html.Write($"</pre></div>\n");
                return;
        }
    }

    void WriteLines(Html html)
    {
        if (curl is not null)
        {
            html.Write($"""
                <details><summary>Send the body to a developer's machine</summary>
                <div class="scroll" role="region" aria-label="Line for curl" tabindex="0"><pre id="curl">{curl}</pre></div>
                <p class="sub"><button type="button" data-copy="curl" hidden>Copy<span class="hidden"> the line for curl</span></button>
                Headers that are secrets are left out. mtq dead send signs anew.</p>
                </details>
                """);
        }

        Tables.Command(html, ToolLine.Of("dead show", _letter.Queue, [_letter.Key]));
    }

    Link BodyLink(Links links) => links.DeadLetterPart(_letter.Queue, _letter.Key, "body");

    /// <summary>How much of the page a body may take: 64 KiB of quotes would be five times that.</summary>
    const int MaxMarkup = 100 * 1024;

    string ValueOf(string name, object? value) => LetterData.ValueOf(name, value, isSecret);

    static string Number(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "–";
}
