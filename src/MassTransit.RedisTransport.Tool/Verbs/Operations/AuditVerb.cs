using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Operations;

/// <summary><c>mtq audit</c>: who did what.</summary>
static class AuditVerb
{
    static readonly Shape<RedisAuditEntry> Shape = new(
        new("id", null, x => x.Id),
        new("at", "AT", x => x.At),
        new("user", "USER", x => x.User),
        new("isProven", null, x => x.IsProven),
        new("address", null, x => x.Address),
        new("action", "ACTION", x => x.Action),
        new("queue", "QUEUE", x => x.Queue),
        new("selection", "SELECTION", x => x.Selection),
        new("count", "COUNT", x => x.Count),
        new("reason", "REASON", x => x.Reason),
        new("outcome", "OUTCOME", x => Name(x.Outcome)),
        new("traceId", null, x => x.TraceId));

    public static Command Create(ToolConsole console)
    {
        var queue = QueueNames.Argument(console, "Only what was done to this queue or its dead letters");
        queue.Arity = ArgumentArity.ZeroOrOne;
        var limit = Paging.LimitOrAll(50);
        return new Verb(console, "audit", "Lists what operators have done, the newest first.", "audit", "audit payments -n 0 -o ndjson")
            .With(queue, limit)
            .Does(async (result, session, cancellationToken) =>
            {
                var wanted = Paging.ReadOrAll(result, limit);
                // What was done to its dead letters was done to the queue.
                string[]? names = result.GetValue(queue) is { } name ? [name, .. DeadQueue.NamesOf(name)] : null;
                var entries = new List<RedisAuditEntry>();
                string? next = null;
                do
                {
                    var most = names is null ? Math.Min(Paging.Page, wanted - entries.Count) : Paging.Page;
                    var page = await session.Redis.Audit.ListAsync(most, next, cancellationToken: cancellationToken);
                    entries.AddRange(page.Entries.Where(x => names is null || Array.IndexOf(names, x.Queue) >= 0)
                        .Take(wanted - entries.Count));
                    next = page.Next;
                }
                while (next is not null && entries.Count < wanted);
                session.Output.List(Shape, entries);
                if (entries.Count == 0)
                    session.Messages.Info("Nothing was done.");
                return ExitCode.Done;
            });
    }

    static string Name(RedisAuditOutcome outcome) => outcome switch
    {
        RedisAuditOutcome.Done => "done",
        RedisAuditOutcome.Denied => "denied",
        RedisAuditOutcome.Failed => "failed",
        RedisAuditOutcome.TakenOver => "takenOver",
        RedisAuditOutcome.Started => "started",
        _ => "unknown",
    };
}
