using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>The part that says what this receiver does, for operators.</summary>
internal sealed partial class MessageReceiver
{
    long _accepted;

    /// <summary>The receiver's id. Its lease tokens begin with it, so a leased message names its holder.</summary>
    public string Id { get; } = LeaseReader.NewReceiver();

    /// <summary>Messages that this receiver has got so far.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    /// <summary>Messages that it holds, and those that it has acknowledged so far.</summary>
    public (int Held, long Completed) ReadWindow() => _window.Read();

    /// <summary>The figures of its workers: those of the processors on this endpoint, otherwise those of its consumers.</summary>
    public (WorkerFigures Figures, bool IsProcessor) ReadWorkers()
    {
        if (_settings.Workers.Count > 0)
            return (_settings.Workers.Select(x => x.Read()).Aggregate(WorkerFigures.Add), true);

        return (new WorkerFigures(_dispatcher.ActiveDispatchCount, _window.Size.Concurrency, _configured.Concurrency, 0, null, null),
            false);
    }

    public int Prefetch => _window.Size.Prefetch;
}
