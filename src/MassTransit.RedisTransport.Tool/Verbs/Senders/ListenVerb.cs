using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;
using MassTransit.RedisTransport.Tool.Signing;

namespace MassTransit.RedisTransport.Tool.Verbs.Senders;

/// <summary>
/// <c>mtq listen</c> and <c>mtq play</c>: receives webhooks on this machine, hands them on, keeps them and sends them again.
/// </summary>
static class ListenVerb
{
    public static Command CreateListen(ToolConsole console)
    {
        var port = new Option<int>("--port", "-p") { Description = "0: any free one. Default: 5090", DefaultValueFactory = _ => 5090 };
        var forward = new Option<string?>("--forward")
        {
            Description = "Hands each request on to this address, byte for byte",
            HelpName = "url",
        };
        var record = new Option<string?>("--record") { Description = "Keeps each request in this folder", HelpName = "folder" };
        var status = new Option<int>("--status")
        {
            Description = "The answer if nothing is forwarded. Default: 202",
            DefaultValueFactory = _ => 202,
        };
        var count = new Option<int?>("--count") { Description = "Ends after so many requests" };
        var scheme = new Option<string?>("--as") { Description = "Checks every request as this scheme", HelpName = "scheme" };
        scheme.AcceptOnlyFromAmong(SchemeKind.Names);
        var secrets = new SecretOptions();
        var declaration = new DeclarationOptions();
        return new Verb(console, "listen",
            "Receives webhooks on this machine, tells what each signature is worth, and forwards the raw bytes.",
            "listen --forward http://localhost:5080/webhooks/github --secret-env github=GITHUB_SECRET", "listen --record captured")
            .With([port, forward, record, status, count, scheme, .. secrets.All, .. declaration.All])
            .Does(async (result, session, cancellationToken) =>
            {
                var target = result.GetValue(forward) is { } url ? SendVerb.Target(url) : null;
                if (result.GetValue(status) is < 200 or > 599)
                    throw ToolException.Usage("--status is 200 to 599.");
                if (result.GetValue(record) is { } folder)
                    Recording.PrepareFolder(folder);
                var declared = declaration.Read(result);
                var chosen = result.GetValue(scheme);
                var schemes = SchemeKind.Known.Where(x => x != chosen).Select(x => (Name: x, Always: false))
                    .Concat(chosen is null ? [] : [(Name: chosen, Always: true)])
                    .Select(x => (SchemeKind.Create(x.Name, declared), secrets.Read(console, result, x.Name), x.Always)).ToArray();
                using var connection = target is null ? null : new RequestSender(target, TimeSpan.FromSeconds(100));
                var listener = new Listener(session, connection, result.GetValue(record), result.GetValue(status), schemes,
                    TimeSpan.FromMinutes(5));
                await listener.RunAsync(result.GetValue(port), result.GetValue(count), cancellationToken);
                session.Messages.Info($"{listener.Count} requests.");
                return ExitCode.Done;
            });
    }

    public static Command CreatePlay(ToolConsole console)
    {
        var folder = new Argument<string>("folder") { Description = "What 'listen --record' has kept" };
        var url = new Argument<string>("url") { Description = "Where it is sent" };
        var sender = new SenderOptions();
        return new Verb(console, "play",
            "Sends recorded webhooks again, byte for byte. --as signs them anew: most signatures are good for minutes.",
            "play captured http://localhost:5080/webhooks/github", "play captured http://localhost:5080/webhooks/orders --as standard")
            .With([folder, url, .. sender.All])
            .Does(async (result, session, cancellationToken) =>
            {
                var sign = sender.IsGiven(result) ? sender.Prepare(console, result, null, out _) : null;
                using var connection = new RequestSender(SendVerb.Target(result.GetValue(url)!), TimeSpan.FromSeconds(100));
                var deliveries = new List<Delivery>();
                foreach (var (number, recording) in Recording.ReadAll(result.GetValue(folder)!))
                {
                    var (id, headers) = Sign(console, recording, sign);
                    var delivery = await connection.DeliverAsync(number, id, recording.Body, headers, cancellationToken);
                    session.Output.Row(Delivery.Shape, delivery);
                    deliveries.Add(delivery);
                }

                if (deliveries.Count == 0)
                    throw ToolException.NotFound($"{result.GetValue(folder)} holds no recording.");
                return SendVerb.Judge(session, deliveries, sender.IsWrong(result));
            });
    }

    /// <summary>Keeps id and event of the recording, and puts new proof in the place of the old.</summary>
    static (string Id, IEnumerable<(string Name, string Value)> Headers) Sign(ToolConsole console, Recording recording,
        Func<Facts, byte[], IReadOnlyList<(string Name, string Value)>>? sign)
    {
        string? Find(params string[] names) => names.Select(name => recording.Headers
            .FirstOrDefault(x => x.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value).FirstOrDefault(x => x is not null);
        var id = Find("webhook-id", "svix-id", "X-GitHub-Delivery", "X-Shopify-Webhook-Id", "Idempotency-Key") ?? "";
        if (sign is null)
            return (id, recording.Headers);
        var facts = new Facts(id.Length > 0 ? id : SendVerb.NewId(""),
            Find("X-GitHub-Event", "X-Shopify-Topic", "X-Gitlab-Event") ?? "", console.Time.GetUtcNow().ToUnixTimeSeconds());
        var signed = sign(facts, recording.Body);
        return (facts.Id, recording.Headers
            .Where(x => !signed.Any(y => y.Name.Equals(x.Name, StringComparison.OrdinalIgnoreCase))).Concat(signed));
    }
}
