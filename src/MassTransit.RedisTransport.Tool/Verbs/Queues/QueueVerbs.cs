using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Queues;

/// <summary><c>mtq queue …</c>: one queue.</summary>
static class QueueVerbs
{
    public static Command Create(ToolConsole console) => new Verb(console, "queue", "Shows and changes one queue.")
        .With([Show(console), .. ControlVerbs.Create(console), Purge(console), Delete(console)]);

    static Verb Show(ToolConsole console)
    {
        var queue = QueueNames.Argument(console);
        var watch = Watching.Option();
        return new Verb(console, "show", "Shows one queue.", "queue show orders")
            .With(queue, watch)
            .Does((result, session, cancellationToken) => Watching.RunAsync(session, result.GetValue(watch), async () =>
                session.Output.One(QueueRow.Shape, await session.Queues.GetAsync(result.GetValue(queue)!, cancellationToken)),
                cancellationToken));
    }

    static Verb Purge(ToolConsole console)
    {
        var queue = QueueNames.Argument(console);
        return new Verb(console, "purge", "Deletes all messages that wait or are delayed, for good. Those at work stay.",
            "queue purge orders --dry-run", "queue purge orders --yes --expect 1200")
            .With([queue, Acting.Reason, .. Confirmation.All])
            .Does(async (result, session, cancellationToken) =>
            {
                var info = await session.Queues.GetAsync(result.GetValue(queue)!, cancellationToken);
                var danger = await DangerAsync(session, "purge", info, info.Ready + info.Delayed, cancellationToken);
                if (!await Confirmation.AskAsync(session, result, danger, cancellationToken))
                    return ExitCode.Done;
                var count = await session.Redis.Audit.RunAsync(
                    Acting.Entry(session, result, RedisAuditActions.Purge, info.Name, "ready and delayed", danger.Count),
                    () => session.Queues.PurgeAsync(info.Name, cancellationToken), x => x, cancellationToken);
                session.Output.One(Outcome.Shape, new Outcome("purge", info.Name, count));
                return ExitCode.Done;
            });
    }

    static Verb Delete(ToolConsole console)
    {
        var queue = QueueNames.Argument(console);
        return new Verb(console, "delete", "Deletes a queue with all its messages, also those at work, and its subscriptions.",
            "queue delete old-orders --dry-run")
            .With([queue, Acting.Reason, .. Confirmation.All])
            .Does(async (result, session, cancellationToken) =>
            {
                var info = await session.Queues.GetAsync(result.GetValue(queue)!, cancellationToken);
                var count = info.Ready + info.Delayed + info.Leased;
                var danger = await DangerAsync(session, "delete", info, count, cancellationToken) with
                {
                    Remark = "Stop its endpoints and senders first: they would create it again. Its dead letters stay.",
                };
                if (!await Confirmation.AskAsync(session, result, danger, cancellationToken))
                    return ExitCode.Done;
                await session.Redis.Audit.RunAsync(
                    Acting.Entry(session, result, RedisAuditActions.Delete, info.Name, null, count), async () =>
                    {
                        await session.Queues.DeleteAsync(info.Name, cancellationToken);
                        return count;
                    }, cancellationToken: cancellationToken);
                session.Output.One(Outcome.Shape, new Outcome("delete", info.Name, count));
                return ExitCode.Done;
            });
    }

    static async Task<Danger> DangerAsync(Session session, string verb, RedisQueueInfo info, long count,
        CancellationToken cancellationToken)
    {
        var first = await session.Queues.PeekAsync(info.Name, RedisMessageState.Ready, 0, 3, cancellationToken);
        return new Danger(verb, info.Name, count)
        {
            NeedsName = true,
            Oldest = first.Count > 0 ? first[0].AvailableAt : null,
            Samples = [.. first.Select(x => $"{x.Key}  {string.Join(", ", x.MessageTypes.Take(1).Select(MessageTypes.Short))}  "
                + $"{x.Body.Length} bytes")],
        };
    }
}
