using System.CommandLine;
using System.Text;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Operations;

/// <summary><c>mtq doctor</c>: what is wrong, since when, and what to do.</summary>
static class DoctorVerb
{
    static readonly Shape<RedisFinding> Shape = new(
        new("id", null, x => x.Id),
        new("severity", "SEVERITY", x => Name(x.Severity)),
        new("queue", "QUEUE", x => x.Queue),
        new("sentence", "SENTENCE", x => x.Sentence),
        new("since", "SINCE", x => x.Since),
        new("cure", "CURE", x => x.Cure),
        new("command", "COMMAND", x => x.Command));

    public static Command Create(ToolConsole console)
    {
        var failOn = new Option<string?>("--fail-on")
        {
            Description = "Ends with 10 if something is as bad as that: note, degraded or unhealthy",
            HelpName = "severity",
        };
        failOn.AcceptOnlyFromAmong("note", "degraded", "unhealthy");
        var watch = Watching.Option();
        return new Verb(console, "doctor", "Says what is wrong now, the worst first, and what to do about it.",
            "doctor", "doctor --fail-on degraded -o json")
            .With(failOn, watch)
            .Does(async (result, session, cancellationToken) =>
            {
                IReadOnlyList<RedisFinding> findings = [];
                var code = await Watching.RunAsync(session, result.GetValue(watch), async () =>
                {
                    findings = await session.Redis.Findings.CheckAsync(cancellationToken);
                    if (session.Output.Format == OutputFormat.Table)
                        session.Output.Text(Describe(findings));
                    else
                        session.Output.List(Shape, findings);
                }, cancellationToken);
                if (findings.Any(x => x.Id == RedisFindingIds.RedisAway))
                {
                    if (await session.Redis.FindConfigurationErrorAsync(cancellationToken) is not { } why)
                        return ExitCode.Unreachable;
                    session.Messages.Error($"mtq: {why}");
                    return ExitCode.Refused;
                }

                return result.GetValue(failOn) is { } worst && findings.Any(x => x.Severity >= Parse(worst)) ? ExitCode.NotReached : code;
            });
    }

    static string Describe(IReadOnlyList<RedisFinding> findings)
    {
        if (findings.Count == 0)
            return "Nothing is wrong.";
        var text = new StringBuilder();
        foreach (var finding in findings)
        {
            var since = finding.Since is { } time ? $" Since {Values.Utc(time, "yyyy-MM-dd HH:mm:ss")} UTC." : "";
            text.Append(VisibleText.Line($"{Name(finding.Severity).ToUpperInvariant(),-9}  {finding.Sentence}{since}")).Append('\n')
                .Append("           ").Append(VisibleText.Line(finding.Cure)).Append('\n');
            if (finding.Command is not null)
                text.Append("           $ ").Append(VisibleText.Line(finding.Command)).Append('\n');
        }

        return text.ToString();
    }

    static string Name(RedisFindingSeverity severity) => severity switch
    {
        RedisFindingSeverity.Unhealthy => "unhealthy",
        RedisFindingSeverity.Degraded => "degraded",
        _ => "note",
    };

    static RedisFindingSeverity Parse(string text) => text switch
    {
        "unhealthy" => RedisFindingSeverity.Unhealthy,
        "degraded" => RedisFindingSeverity.Degraded,
        _ => RedisFindingSeverity.Note,
    };
}
