using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The first page: what is wrong, the worst first, and what to do about it.</summary>
internal sealed class NowPage(IReadOnlyList<RedisFinding> findings) : Page
{
    public override string Title => "Now";

    public override Section Section => Section.Now;

    public override object Data => new { Findings = findings };

    public override void Write(Html html, OpsRequest request)
    {
        if (findings.Count == 0)
        {
            html.Write($"""
                <p class="good">Nothing is wrong.</p>
                <p>Server, queues, receivers and dead letters were looked at by the rules of the health checks.</p>
                """);
            return;
        }

        html.Write($"""<ul class="findings">""");
        foreach (var finding in findings)
        {
            html.Write($"""
                <li class="{ClassOf(finding.Severity)}">
                <p><span class="{ColorOf(finding.Severity)}">{finding.Severity.ToString()}</span>{About(finding, request.Links)}</p>
                <p>{VisibleText.Head(finding.Sentence, 1_000)}</p>
                <p>{VisibleText.Head(finding.Cure, 1_000)}</p>
                """);
            if (finding.Since is { } since)
                html.Write($"""<p class="sub">Since {Formats.When(since, request.Now)}</p>""");
            if (finding.Command is { } command)
                html.Write($"""<p class="sub"><code>{command}</code></p>""");
            html.Write($"</li>\n");
        }

        html.Write($"</ul>\n");
    }

    static Fragment? About(RedisFinding finding, Links links) => finding.Queue is not { } queue ? null : html =>
    {
        var about = finding.Operation is { } operation ? links.Operation(operation)
            : finding.DeadLetterQueue is { } dead ? links.DeadQueue(dead)
            : links.Queue(queue);
        html.Write($""" <a href="{about}">{queue}</a>""");
    };

    static string ClassOf(RedisFindingSeverity severity) => severity switch
    {
        RedisFindingSeverity.Unhealthy => "unhealthy",
        RedisFindingSeverity.Degraded => "degraded",
        _ => "note",
    };

    static string ColorOf(RedisFindingSeverity severity) => severity switch
    {
        RedisFindingSeverity.Unhealthy => "bad",
        RedisFindingSeverity.Degraded => "warn",
        _ => "state",
    };
}
