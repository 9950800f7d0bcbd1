using System.Globalization;
using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>One bulk operation: how far it is, what failed again, and what can be done with it.</summary>
internal sealed class OperationPage(RedisOperation operation) : Page
{
    public override string Title => $"{operation.Kind} of {operation.Queue}";

    public override Section Section => Section.Operations;

    public override IReadOnlyList<string> LiveOperations => operation.HasEnded ? [] : [operation.Id];

    public override object Data => new { Operation = operation };

    bool IsPurge => operation.Kind == RedisOperationKind.Purge;

    public override void Write(Html html, OpsRequest request)
    {
        html.Write($"""
            <p>{Operations.State(operation)}</p>
            <p class="sub">{Tables.Live(operation.Id, "because", operation.Because ?? "")}</p>
            <p>{Operations.Progress(operation)} {(IsPurge ? "purged" : "replayed")}</p>
            {Reloads()}
            """);
        if (!operation.HasEnded && operation.Owner is null && operation.State != RedisOperationState.Paused)
        {
            html.Write($"""
                <p class="sub">No process works on it at this moment. Each process with a dashboard does, unless it is read-only, and each
                with AddRedisOperations.</p>
                """);
        }

        if (!operation.HasEnded && request.Viewer.Can(IsPurge ? Right.Destroy : Right.Operate))
            WriteActs(html, request.Links);
        WriteFacts(html, request);
        Tables.Command(html, Shell.Quote(operation.Id) is { } id ? $"mtq ops show {id}" : null);
    }

    /// <summary>The page is loaded again when it can be acted on otherwise.</summary>
    Fragment? Reloads() => operation.HasEnded ? null : html => html.Write($"""
        <span hidden data-live="{Tables.LiveName(operation.Id, "acts")}" data-reload>{LiveFigures.ActsOf(operation)}</span>
        """);

    void WriteActs(Html html, Links links)
    {
        var rate = operation.Rate is { } now ? now.ToString(CultureInfo.InvariantCulture) : "";
        html.Write($"""
            <form class="filter" method="post">
            <label>Reason <input name="reason" maxlength="{RedisAuditEntry.MaxReason}" size="40"></label>
            """);
        if (operation.State == RedisOperationState.Paused)
            html.Write($"""<button formaction="{links.OperationAct(operation.Id, IsPurge, "resume")}">Resume</button> """);
        else
            html.Write($"""<button formaction="{links.OperationAct(operation.Id, IsPurge, "pause")}">Pause</button> """);
        html.Write($"""
            <button class="danger" formaction="{links.OperationAct(operation.Id, IsPurge, "cancel")}">Cancel</button>
            </form>
            <form class="filter" method="post" action="{links.OperationAct(operation.Id, IsPurge, "rate")}">
            <label>A second at most <input name="rate" inputmode="numeric" size="7" maxlength="6" value="{new ExactText(rate)}"
            placeholder="any"></label>
            <button>Set the rate</button>
            </form>
            <p class="sub">A step that has begun is finished. What was done stays done.</p>
            """);
    }

    void WriteFacts(Html html, OpsRequest request)
    {
        html.Write($"""
            <dl class="facts">
            <div><dt>Dead-letter queue</dt><dd><a href="{request.Links.DeadQueue(operation.Queue)}">{operation.Queue}</a></dd></div>
            <div><dt>Which</dt><dd>{operation.Selection}</dd></div>
            <div><dt>Looked at</dt><dd>{Tables.Live(operation.Id, "looked", Formats.Count(operation.Looked))}</dd></div>
            <div><dt>Gone when their turn came</dt><dd>{Tables.Live(operation.Id, "missing", Formats.Count(operation.Missing))}</dd></div>
            """);
        if (IsPurge)
        {
            html.Write($"""
                <div><dt>In the trash</dt><dd>{Tables.Live(operation.Id, "trashed", Formats.Count(operation.InTrash))}
                <a href="{request.Links.TrashOf(operation.Queue)}">Trash</a></dd></div>
                """);
        }
        else
        {
            var brake = operation.Brake is { } percent ? $"at {percent} % failed again" : "none";
            html.Write($"""
                <div><dt>Failed again</dt><dd>{Tables.Live(operation.Id, "failed", Formats.Count(operation.FailedAgain))}</dd></div>
                <div><dt>Canary</dt><dd>{(operation.Canary > 0 ? Formats.Count(operation.Canary) : "none")}</dd></div>
                <div><dt>Brake</dt><dd>{brake}</dd></div>
                """);
        }

        html.Write($"""
            <div><dt>Rate</dt><dd>{Operations.Rate(operation)}</dd></div>
            <div><dt>Started by</dt><dd>{operation.By}</dd></div>
            <div><dt>Reason</dt><dd>{operation.Reason ?? "–"}</dd></div>
            <div><dt>Started</dt><dd>{Formats.When(operation.StartedAt, request.Now)}</dd></div>
            <div><dt>Updated</dt><dd>{Formats.When(operation.UpdatedAt, request.Now)}</dd></div>
            <div><dt>Worked on by</dt><dd>{operation.Owner ?? "–"}</dd></div>
            <div><dt>Taken over by another process</dt><dd>{Formats.Plural(operation.TakenOver, "time", "times")}</dd></div>
            <div><dt>Id</dt><dd><code>{operation.Id}</code></dd></div>
            </dl>
            """);
    }
}
