using System.Threading.Channels;

namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>
/// Reads the figures of the queues that somebody looks at, every two seconds, once for all viewers of the process. Without a viewer it
/// asks Redis nothing.
/// </summary>
internal sealed class LiveSampler(Board board)
{
    public const int MaxViewers = 50;

    /// <summary>More than that in one tick would be felt by the server.</summary>
    const int MaxQueues = 500;

    static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    readonly Lock _lock = new();
    readonly List<Watch> _watches = [];
    bool _isRunning;

    /// <summary>Begins to watch; <c>null</c> if there are too many viewers.</summary>
    public Watch? Join(IReadOnlyList<string> queues)
    {
        lock (_lock)
        {
            if (_watches.Count >= MaxViewers)
                return null;
            var watch = new Watch(this, queues);
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
            string[] queues;
            lock (_lock)
            {
                if (_watches.Count == 0)
                {
                    _isRunning = false;
                    return;
                }

                queues = [.. _watches.SelectMany(x => x.Queues).Distinct(StringComparer.Ordinal).Take(MaxQueues)];
            }

            var figures = await ReadAsync(queues).ConfigureAwait(false);
            lock (_lock)
            {
                foreach (var watch in _watches)
                    watch.Show(figures);
            }
        }
    }

    async Task<LiveFigures> ReadAsync(string[] queues)
    {
        try
        {
            var read = await board.AskAsync(x => board.Catalog.ReadAsync(queues, x), CancellationToken.None).ConfigureAwait(false);
            return new LiveFigures(board.Now, read.ToDictionary(x => x.Name, StringComparer.Ordinal));
        }
        catch (Exception exception) when (exception is AwayException or ArgumentException or RedisTransportException)
        {
            return new LiveFigures(board.Now, null);
        }
    }

    void Leave(Watch watch)
    {
        lock (_lock)
            _watches.Remove(watch);
    }

    /// <summary>One viewer. A slow one misses figures, and gets the newest.</summary>
    public sealed class Watch(LiveSampler sampler, IReadOnlyList<string> queues) : IDisposable
    {
        readonly Channel<LiveFigures> _figures = Channel.CreateBounded<LiveFigures>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

        public IReadOnlyList<string> Queues => queues;

        public ChannelReader<LiveFigures> Figures => _figures.Reader;

        public void Show(LiveFigures figures) => _figures.Writer.TryWrite(figures);

        public void Dispose() => sampler.Leave(this);
    }
}

/// <summary>The figures of one tick.</summary>
/// <param name="At">When they were read.</param>
/// <param name="Queues">By name; <c>null</c> if Redis has not answered.</param>
internal sealed record LiveFigures(DateTimeOffset At, IReadOnlyDictionary<string, RedisQueueInfo>? Queues);
