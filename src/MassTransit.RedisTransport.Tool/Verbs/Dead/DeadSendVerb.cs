using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;
using MassTransit.RedisTransport.Tool.Signing;
using MassTransit.RedisTransport.Tool.Verbs.Senders;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary><c>mtq dead send</c>: the very body of a failed webhook, signed anew, to a developer's machine.</summary>
static class DeadSendVerb
{
    public static Verb Create(ToolConsole console)
    {
        var one = new OneLetter(console);
        var to = new Option<string>("--to") { Description = "Where it is sent", Required = true, HelpName = "url" };
        var sender = new SenderOptions();
        return new Verb(console, "send",
            "Sends the body of a dead webhook, signed anew, to another receiver: a failure of production in a debugger. The letter stays.",
            "dead send payments 000a1b2c3d4e5f60000000 --to http://localhost:5080/webhooks/github --as github")
            .With([.. one.All, to, .. sender.All])
            .Does(async (result, session, cancellationToken) =>
            {
                var target = SendVerb.Target(result.GetValue(to)!);
                var letter = await one.ReadAsync(session, result, cancellationToken);
                if (new DeadRow(letter).Webhook is not { } webhook)
                    throw ToolException.Conflict($"Message {letter.Key} is no webhook: 'mtq dead show --raw' writes its body.");

                // A receiver that is called as a scheme has that scheme most of the time.
                var fallback = Array.IndexOf(SchemeKind.Known, webhook.Receiver) >= 0 ? webhook.Receiver : null;
                var sign = sender.Prepare(console, result, fallback, out _);
                await session.Redis.Audit.RecordAsync(Acting.Entry(session, result, RedisAuditActions.Export, letter.Queue,
                    $"{letter.Key} to {target.GetLeftPart(UriPartial.Authority)}", 1), cancellationToken);
                var facts = new Facts(webhook.Id, webhook.EventType, console.Time.GetUtcNow().ToUnixTimeSeconds());
                var signed = sign(facts, webhook.Body);
                // What was handed on of the request, without what is signed anew.
                var headers = webhook.Headers.Where(x => !signed.Any(y => y.Name.Equals(x.Key, StringComparison.OrdinalIgnoreCase)))
                    .Where(x => !x.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase)).Select(x => (x.Key, x.Value))
                    .Append(("Content-Type", webhook.ContentType ?? "application/octet-stream")).Concat(signed);
                using var connection = new RequestSender(target, TimeSpan.FromSeconds(100));
                var delivery = await connection.DeliverAsync(1, facts.Id, webhook.Body, headers, cancellationToken);
                session.Output.One(Delivery.Shape, delivery);
                return SendVerb.Judge(session, [delivery], sender.IsWrong(result));
            });
    }
}
