using System.Globalization;
using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Payloads;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>One dead letter: why it failed, what became of it, and what is in it for those who may see that.</summary>
internal sealed class DeadLetterPage(RedisDeadLetter letter, Link? trace, Payload? payload, Func<string, bool> isSecret) : Page
{
    const int MaxStack = 64 * 1024;
    const int MaxHeaders = 200;

    public override string Title => Letters.TitleOf(letter);

    public override Section Section => Section.Dead;

    public override object Data => new
    {
        Letter = LetterData.Head(letter),
        StackTrace = VisibleText.Head(letter.StackTrace, MaxStack),
        Headers = letter.Headers.Take(MaxHeaders).ToDictionary(x => x.Key, x => payload is null ? null : ValueOf(x)),
        Payload = payload is null ? null : new { Kind = payload.Kind.ToString(), payload.Text, payload.Fields, payload.IsComplete },
        Trace = trace?.Address,
    };

    public override void Write(Html html, OpsRequest request)
    {
        var links = request.Links;
        html.Write($"""
            <p><a href="{links.DeadMessages(letter.Queue)}">{letter.Queue}</a></p>
            """);
        WriteActs(html, request);
        WriteFailure(html);
        WriteLife(html, request);
        WriteHeaders(html);
        WritePayload(html, request);
    }

    void WriteActs(Html html, OpsRequest request)
    {
        var links = request.Links;
        (string, string?)[] one = [("what", "selected"), ("key", letter.Key)];
        html.Write($"""<p class="acts">""");
        if (request.Viewer.Can(Right.Operate))
            html.Write($"""<a class="button" href="{links.DeadAct(letter.Queue, "replay", one)}">Replay…</a> """);
        if (request.Viewer.Can(Right.Destroy))
            html.Write($"""<a class="button danger" href="{links.DeadAct(letter.Queue, "purge", one)}">Purge…</a> """);
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
            <div><dt>Exception</dt><dd>{VisibleText.Head(letter.ExceptionType ?? "–", 500)}</dd></div>
            <div><dt>Message</dt><dd class="text">{VisibleText.Head(letter.FaultMessage ?? "–", 4_000)}</dd></div>
            <div><dt>Reason</dt><dd>{VisibleText.Head(letter.Reason ?? "–", 500)}</dd></div>
            </dl>
            """);
        if (letter.StackTrace is { Length: > 0 } stack)
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
            <div><dt>Message id</dt><dd><code>{(letter.IsReadable ? letter.MessageId.ToString() : "unreadable")}</code></dd></div>
            <div><dt>Key</dt><dd><code>{letter.Key}</code></dd></div>
            <div><dt>Came from</dt><dd>{From(request)}</dd></div>
            <div><dt>Types</dt><dd>{VisibleText.Head(string.Join(", ", letter.MessageTypes.Take(10)), 1_000)}</dd></div>
            <div><dt>Priority</dt><dd>{letter.Priority}</dd></div>
            <div><dt>First failed</dt><dd>{Formats.When(letter.FirstFailedAt, now)}</dd></div>
            <div><dt>Last failed</dt><dd>{Formats.When(letter.LastFailedAt, now)}</dd></div>
            <div><dt>Dead since</dt><dd>{Formats.When(letter.DeadSince, now)}</dd></div>
            <div><dt>Attempts in the last delivery</dt><dd>{Letters.AttemptsOf(letter)}</dd></div>
            <div><dt>Redeliveries</dt><dd>{letter.RedeliveryCount ?? 0}</dd></div>
            <div><dt>Deliveries since then</dt><dd>{Number(letter.DeliveryCount)}</dd></div>
            <div><dt>Replays</dt><dd>{letter.ReplayCount}</dd></div>
            </dl>
            """);
    }

    Fragment From(OpsRequest request) => html =>
    {
        if (letter.OriginalQueue.Length == 0)
            html.Write($"not known");
        else
            html.Write($"""<a href="{request.Links.Queue(letter.OriginalQueue)}">{letter.OriginalQueue}</a>""");
    };

    void WriteHeaders(Html html)
    {
        html.Write($"<h2>Headers</h2>\n");
        if (letter.Headers.Count == 0)
        {
            html.Write($"""<p class="empty">There are none.</p>""");
            return;
        }

        Tables.Begin(html, "Headers", "Name", "Value");
        foreach (var header in letter.Headers.OrderBy(x => x.Key, StringComparer.OrdinalIgnoreCase).Take(MaxHeaders))
        {
            // The stack trace stands above.
            if (header.Key.Equals(MessageHeaders.FaultStackTrace, StringComparison.OrdinalIgnoreCase))
                continue;
            html.Write($"""
                <tr><th scope="row"><code>{VisibleText.Head(header.Key, 300)}</code></th>
                <td class="text">{(payload is null ? "(your rights do not include payloads)" : ValueOf(header))}</td></tr>
                """);
        }

        Tables.End(html);
        if (letter.Headers.Count > MaxHeaders)
            html.Write($"<p>{Formats.Count(letter.Headers.Count - MaxHeaders)} more are not shown.</p>\n");
    }

    void WritePayload(Html html, OpsRequest request)
    {
        html.Write($"<h2>Body</h2>\n");
        if (payload is null)
        {
            html.Write($"""<p class="empty">{Formats.Bytes(letter.Body.Length)}. Your rights do not include payloads.</p>""");
            return;
        }

        html.Write($"""<p>{Formats.Bytes(payload.Length)}, {VisibleText.Head(letter.ContentType ?? "no content type", 200)}""");
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

    Link BodyLink(Links links) => links.DeadLetterPart(letter.Queue, letter.Key, "body");

    /// <summary>How much of the page a body may take: 64 KiB of quotes would be five times that.</summary>
    const int MaxMarkup = 100 * 1024;

    string ValueOf(KeyValuePair<string, object> header) => isSecret(header.Key)
        ? "••• hidden"
        : VisibleText.Head(Convert.ToString(header.Value, CultureInfo.InvariantCulture), 2_000) ?? "";

    static string Number(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "–";
}
