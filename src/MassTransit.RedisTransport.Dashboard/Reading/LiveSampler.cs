using System.Threading.Channels;

namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>
/// Reads the figures of the queues and operations that somebody looks at, every two seconds, once for all viewers of the process. Without
/// a viewer it asks Redis nothing.
/// </summary>
internal sealed class LiveSampler(Board board)
{
    public const int MaxViewers = 50;

    /// <summary>More than that in one tick would be felt by the server.</summary>
    const int MaxQueues = 500;

    const int MaxOperations = 100;

    static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    readonly Lock _lock = new();
    readonly List<Watch> _watches = [];
    bool _isRunning;

    /// <summary>Begins to watch; <c>null</c> if there are too many viewers.</summary>
    public Watch? Join(IReadOnlyList<string> queues, IReadOnlyList<string> operations)
    {
        lock (_lock)
        {
            if (_watches.Count >= MaxViewers)
                return null;
            var watch = new Watch(this, queues, operations);
            _watches.Add(watch);
            if (!_isRunning)
            {
                _isRunning = true;
                _ = Task.Run(RunAsync);
            }

            return watch;
        }
    }

    async Task RunAsync()
    {
        while (true)
        {
            await Task.Delay(Interval, board.Time).ConfigureAwait(false);
            string[] queues, operations;
            lock (_lock)
            {
                if (_watches.Count == 0)
                {
                    _isRunning = false;
                    return;
                }

                queues = [.. _watches.SelectMany(x => x.Queues).Distinct(StringComparer.Ordinal).Take(MaxQueues)];
                operations = [.. _watches.SelectMany(x => x.Operations).Distinct(StringComparer.Ordinal).Take(MaxOperations)];
            }

            var figures = await ReadAsync(queues, operations).ConfigureAwait(false);
            lock (_lock)
            {
                foreach (var watch in _watches)
                    watch.Show(figures);
            }
        }
    }

    async Task<LiveReading> ReadAsync(string[] queues, string[] operations)
    {
        try
        {
            var read = await board.AskAsync(x => board.Catalog.ReadAsync(queues, x), CancellationToken.None).ConfigureAwait(false);
            var followed = await board.AskAsync(x => Task.WhenAll(operations.Select(id => board.Operations.GetAsync(id, x))),
                CancellationToken.None).ConfigureAwait(false);
            return new LiveReading(board.Now, read.ToDictionary(x => x.Name, StringComparer.Ordinal),
                followed.OfType<RedisOperation>().ToDictionary(x => x.Id, StringComparer.Ordinal));
        }
        catch (Exception exception) when (exception is AwayException or ArgumentException or RedisTransportException)
        {
            return new LiveReading(board.Now, null, null);
        }
    }

    void Leave(Watch watch)
    {
        lock (_lock)
            _watches.Remove(watch);
    }

    /// <summary>One viewer. A slow one misses figures, and gets the newest.</summary>
    public sealed class Watch(LiveSampler sampler, IReadOnlyList<string> queues, IReadOnlyList<string> operations) : IDisposable
    {
        readonly Channel<LiveReading> _readings = Channel.CreateBounded<LiveReading>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

        public IReadOnlyList<string> Queues => queues;

        public IReadOnlyList<string> Operations => operations;

        public ChannelReader<LiveReading> Readings => _readings.Reader;

        public void Show(LiveReading reading) => _readings.Writer.TryWrite(reading);

        public void Dispose() => sampler.Leave(this);
    }
}

/// <summary>What was read in one tick.</summary>
/// <param name="at">When.</param>
/// <param name="queues">By name; <c>null</c> if Redis has not answered.</param>
/// <param name="operations">By id; <c>null</c> if Redis has not answered.</param>
internal sealed class LiveReading(DateTimeOffset at, IReadOnlyDictionary<string, RedisQueueInfo>? queues,
    IReadOnlyDictionary<string, RedisOperation>? operations)
{
    public DateTimeOffset At => at;

    public IReadOnlyDictionary<string, RedisQueueInfo>? Queues => queues;

    public IReadOnlyDictionary<string, RedisOperation>? Operations => operations;
}
