using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Operations;

/// <summary><c>mtq workers</c>: who receives, and what of.</summary>
static class WorkersVerb
{
    static readonly Shape<RedisReceiver> Shape = new(
        new("instanceId", null, x => x.InstanceId),
        new("name", "NAME", x => x.DisplayName),
        new("queue", "QUEUE", x => x.Queue),
        new("isAlive", "ALIVE", x => x.IsAlive, x => x.IsAlive ? "yes" : $"no, for {Durations.Show(x.Silence)}"),
        new("silenceSeconds", null, x => x.Silence),
        new("lastBeat", null, x => x.LastBeat),
        new("startedAt", "STARTED", x => x.StartedAt),
        new("host", null, x => x.Host),
        new("pod", null, x => x.Pod),
        new("processName", null, x => x.ProcessName),
        new("processId", null, x => x.ProcessId),
        new("version", "VERSION", x => x.Version),
        new("protocol", null, x => x.Protocol),
        new("controlVersion", "OBEYS", x => x.ControlVersion),
        new("prefetch", null, x => x.Prefetch),
        new("held", "HELD", x => x.Held),
        new("activeWorkers", "WORKERS", x => x.ActiveWorkers, x => $"{x.ActiveWorkers}/{x.WorkerLimit}"),
        new("workerLimit", null, x => x.WorkerLimit),
        new("configuredWorkers", null, x => x.ConfiguredWorkers),
        new("waitingBatches", null, x => x.WaitingBatches),
        new("inRate", "IN/S", x => x.InRate),
        new("outRate", "OUT/S", x => x.OutRate),
        new("medianLatencySeconds", "P50", x => x.MedianLatency),
        new("percentile99LatencySeconds", "P99", x => x.Percentile99Latency));

    public static Command Create(ToolConsole console)
    {
        var queue = QueueNames.Argument(console, "Only those of this queue");
        queue.Arity = ArgumentArity.ZeroOrOne;
        var watch = Watching.Option();
        return new Verb(console, "workers", "Lists the processes that receive, and what each is at.",
            "workers", "workers payments --watch 2s")
            .With(queue, watch)
            .Does((result, session, cancellationToken) => Watching.RunAsync(session, result.GetValue(watch), async () =>
            {
                var receivers = await session.Queues.ListReceiversAsync(result.GetValue(queue), cancellationToken);
                // Of a queue that is not there nobody can say that nobody receives.
                if (receivers.Count == 0 && result.GetValue(queue) is { } name)
                    await session.Queues.GetAsync(name, cancellationToken);
                session.Output.List(Shape, receivers);
                if (receivers.Count == 0)
                    session.Messages.Info("Nobody receives.");
            }, cancellationToken));
    }
}
