using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Operations;

/// <summary>How an operation is shown, followed, and what its end means.</summary>
static class OperationRow
{
    public static readonly Shape<RedisOperation> Shape = new(
        new("id", "ID", x => x.Id),
        new("kind", "KIND", x => x.Kind == RedisOperationKind.Replay ? "replay" : "purge"),
        new("queue", "QUEUE", x => x.Queue),
        new("selection", "SELECTION", x => x.Selection),
        new("group", null, x => x.Group),
        new("state", "STATE", x => Name(x.State)),
        new("because", "BECAUSE", x => x.Because),
        new("total", "TOTAL", x => x.Total),
        new("looked", null, x => x.Looked),
        new("done", "DONE", x => x.Done),
        new("missing", "MISSING", x => x.Missing),
        new("failedAgain", "AGAIN", x => x.FailedAgain),
        new("inTrash", null, x => x.InTrash),
        new("rate", "RATE", x => x.Rate),
        new("canary", null, x => x.Canary),
        new("brake", null, x => x.Brake),
        new("by", "BY", x => x.By),
        new("reason", null, x => x.Reason),
        new("startedAt", "STARTED", x => x.StartedAt),
        new("updatedAt", null, x => x.UpdatedAt),
        new("owner", null, x => x.Owner),
        new("takenOver", null, x => x.TakenOver));

    /// <summary>Works on it until it has ended. Interrupted, it rests where it is, and a line says how it goes on.</summary>
    public static async Task<int> FollowAsync(Session session, ParseResult result, RedisOperation operation,
        CancellationToken cancellationToken)
    {
        var again = GlobalOptions.Again(result);
        session.Messages.Info($"Operation {operation.Id}. Ctrl+C leaves it: mtq ops run {operation.Id}{again} goes on with it.");
        var progress = new Told(session);
        RedisOperation? ended;
        try
        {
            ended = await session.Redis.Operations.RunAsync(operation.Id, progress, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            session.Messages.Warning($"Not at its end. Give up with: mtq ops cancel {operation.Id}{again}");
            session.Messages.Warning($"Go on with: mtq ops run {operation.Id}{again}");
            if (await ReadAsync(session, operation.Id) is { } left)
                session.Output.One(Shape, left);
            throw;
        }

        if (ended is null)
            throw ToolException.NotFound($"There is no operation {operation.Id} any more.");
        session.Output.One(Shape, ended);
        if (ended.Because is not null && ended.State != RedisOperationState.Done)
            session.Messages.Error($"mtq: {Name(ended.State)}: {ended.Because}");
        return ended switch
        {
            { State: RedisOperationState.Done, Done: 0, Missing: > 0 } => ExitCode.Conflict,
            { State: RedisOperationState.Done } => ExitCode.Done,
            _ => ExitCode.Failed,
        };
    }

    public static string Name(RedisOperationState state) => state switch
    {
        RedisOperationState.Running => "running",
        RedisOperationState.Canary => "canary",
        RedisOperationState.Waiting => "waiting",
        RedisOperationState.Paused => "paused",
        RedisOperationState.Stopped => "stopped",
        RedisOperationState.Cancelled => "cancelled",
        RedisOperationState.Done => "done",
        RedisOperationState.Failed => "failed",
        _ => "unknown",
    };

    static async Task<RedisOperation?> ReadAsync(Session session, string id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            return await session.Redis.Operations.GetAsync(id, limit.Token);
        }
        catch (Exception exception) when (exception is RedisTransportException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Tells of it when its state changes, and every few seconds.</summary>
    sealed class Told(Session session) : IProgress<RedisOperation>
    {
        static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

        long _last;
        RedisOperationState? _state;

        public void Report(RedisOperation value)
        {
            var time = session.Console.Time;
            if (value.HasEnded || (_state == value.State && time.GetElapsedTime(_last) < Interval))
                return;
            (_state, _last) = (value.State, time.GetTimestamp());
            var of = value.Total is { } total ? $" of {total}" : "";
            var because = value.Because is null ? "" : $": {value.Because}";
            session.Messages.Info($"{Name(value.State)}, {value.Done}{of} done, {value.FailedAgain} failed again{because}");
        }
    }
}
