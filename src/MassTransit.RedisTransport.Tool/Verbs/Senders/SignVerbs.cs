using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;
using MassTransit.RedisTransport.Tool.Signing;

namespace MassTransit.RedisTransport.Tool.Verbs.Senders;

/// <summary><c>mtq sign</c> and <c>mtq verify</c>: signatures without a server.</summary>
static class SignVerbs
{
    sealed record Header(string Name, string Value);

    static readonly Shape<Header> HeaderShape = new(new("name", "NAME", x => x.Name), new("value", "VALUE", x => x.Value));

    public static Command CreateSign(ToolConsole console)
    {
        var sender = new SenderOptions();
        var eventType = new Option<string>("--event") { Description = "The event type. Default: test", DefaultValueFactory = _ => "test" };
        var id = new Option<string?>("--id") { Description = "The sender's id. Default: a new one" };
        var time = new Option<long?>("--timestamp") { Description = "Seconds since 1970. Default: now", HelpName = "seconds" };
        return new Verb(console, "sign", "Signs the body on the standard input, and prints the headers: one 'Name: value' a line.",
            "sign --as github < body.json", "sign --as stripe --timestamp 1533204720 < body.json")
            .With([.. sender.All, eventType, id, time])
            .Does(async (result, session, cancellationToken) =>
            {
                var sign = sender.Prepare(console, result, null, out var kind);
                var body = await BodyInput.ReadInputAsync(console, cancellationToken);
                var facts = new Facts(result.GetValue(id) ?? SendVerb.NewId(kind.Name), result.GetValue(eventType)!,
                    result.GetValue(time) ?? console.Time.GetUtcNow().ToUnixTimeSeconds());
                var headers = sign(facts, body);
                // Lines are what curl -H @- and verify --headers take.
                if (session.Settings.Output.Value is OutputFormat.Json or OutputFormat.Ndjson)
                    session.Output.List(HeaderShape, [.. headers.Select(x => new Header(x.Name, x.Value))]);
                else
                    session.Output.Text(string.Join('\n', headers.Select(x => $"{x.Name}: {x.Value}")));
                return ExitCode.Done;
            });
    }

    public static Command CreateVerify(ToolConsole console)
    {
        var scheme = new Option<string>("--as") { Description = "Whose form it has", Required = true, HelpName = "scheme" };
        scheme.AcceptOnlyFromAmong(SchemeKind.Names);
        var secrets = new SecretOptions();
        var declaration = new DeclarationOptions();
        var headers = new Option<string[]>("--request-header", "-H")
        {
            Description = "A header of the request: 'Name: value'",
            HelpName = "header",
        };
        var file = new Option<string?>("--headers") { Description = "A file with the headers, one a line", HelpName = "path" };
        var body = new Option<string>("--body")
        {
            Description = "@file, or - for the standard input. Default: -",
            DefaultValueFactory = _ => "-",
        };
        var at = new Option<long?>("--at") { Description = "Judges as at this second since 1970. Default: now", HelpName = "seconds" };
        var tolerance = new Option<string>("--tolerance")
        {
            Description = "How old or new it may be. Default: 5m",
            DefaultValueFactory = _ => "5m",
            HelpName = "duration",
        };
        return new Verb(console, "verify", "Verifies a request as the ingress does, and says why not.",
            "verify --as github -H 'X-Hub-Signature-256: sha256=757107ea…' < body.json",
            "verify --as stripe --headers headers.txt --body @body.json --at 1533204720")
            .With([scheme, headers, file, body, .. secrets.All, at, tolerance, .. declaration.All])
            .Does(async (result, session, cancellationToken) =>
            {
                var kind = SchemeKind.Create(result.GetValue(scheme)!, declaration.Read(result));
                var lines = (result.GetValue(headers) ?? []).ToList();
                if (result.GetValue(file) is { } path)
                    lines.AddRange(System.Text.Encoding.UTF8.GetString(await BodyInput.ReadFileAsync(path, cancellationToken)).Split('\n'));
                var bytes = await BodyInput.ReadAsync(console, result.GetValue(body)!, cancellationToken);
                var now = result.GetValue(at) is { } second ? DateTimeOffset.FromUnixTimeSeconds(second) : console.Time.GetUtcNow();
                var verdict = SenderVerdict.Of(kind, HeaderInput.Parse(lines), bytes, secrets.Read(console, result, kind.Name), now,
                    Durations.Parse(result.GetValue(tolerance)!));
                session.Output.One(SenderVerdict.Shape, verdict);
                return verdict.IsAccepted ? ExitCode.Done : ExitCode.Failed;
            });
    }
}
