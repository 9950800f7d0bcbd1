using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>The part that reads and changes what operators set.</summary>
internal sealed partial class RedisQueues
{
    /// <summary>The largest limit, rate or number of workers. The scripts read no larger one.</summary>
    const int MaxNumber = 1_000_000;

    /// <summary>How often the progress of a pause is read.</summary>
    static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);

    static readonly TimeSpan LongestPause = TimeSpan.FromDays(365);

    /// <summary>How long a pause is watched before it counts as proven. Receivers of earlier versions poll once a second.</summary>
    static readonly TimeSpan ProofTime = TimeSpan.FromSeconds(2);

    public async Task<RedisQueueControl> GetControlAsync(string queue, CancellationToken cancellationToken = default) =>
        Control(queue, await ReadAsync(queue, cancellationToken).ConfigureAwait(false));

    public Task<RedisQueueControl> PauseAsync(string queue, RedisActor by, TimeSpan? duration = null,
        CancellationToken cancellationToken = default)
    {
        if (duration is { } time && (time <= TimeSpan.Zero || time > LongestPause))
        {
            throw new ArgumentOutOfRangeException(nameof(duration), duration,
                "A pause lasts up to 365 days, or with null until it is resumed.");
        }

        return ChangeAsync(queue, ControlChange.Pause(duration), by, cancellationToken);
    }

    public Task<RedisQueueControl> ResumeAsync(string queue, RedisActor by, CancellationToken cancellationToken = default) =>
        ChangeAsync(queue, ControlChange.Resume, by, cancellationToken);

    public Task<RedisQueueControl> SetLimitAsync(string queue, int? limit, RedisActor by, CancellationToken cancellationToken = default) =>
        ChangeAsync(queue, ControlChange.Limit(Checked(limit, nameof(limit))), by, cancellationToken);

    public Task<RedisQueueControl> SetRateAsync(string queue, int? messagesPerSecond, RedisActor by,
        CancellationToken cancellationToken = default) =>
        ChangeAsync(queue, ControlChange.Rate(Checked(messagesPerSecond, nameof(messagesPerSecond))), by, cancellationToken);

    public Task<RedisQueueControl> SetWorkersAsync(string queue, int? workers, RedisActor by,
        CancellationToken cancellationToken = default) =>
        ChangeAsync(queue, ControlChange.Workers(Checked(workers, nameof(workers))), by, cancellationToken);

    public Task<RedisQueueControl> ResetControlAsync(string queue, RedisActor by, CancellationToken cancellationToken = default) =>
        ChangeAsync(queue, ControlChange.Reset, by, cancellationToken);

    public async Task<RedisPauseProgress> WaitForPauseAsync(string queue, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var progress = await ReadProgressAsync(queue, cancellationToken).ConfigureAwait(false);
            var left = timeout - Stopwatch.GetElapsedTime(started);
            if (progress.Done || !progress.Control.IsPaused || left <= TimeSpan.Zero)
                return progress;

            await Task.Delay(left < ProgressInterval ? left : ProgressInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    async Task<RedisPauseProgress> ReadProgressAsync(string queue, CancellationToken cancellationToken)
    {
        var state = await ReadAsync(queue, cancellationToken).ConfigureAwait(false);
        RedisReceiver[] alive = [.. (await ReadReceiversAsync(queue, cancellationToken).ConfigureAwait(false)).Where(x => x.IsAlive)];
        List<string> others =
        [
            .. alive.Where(x => !Obeys(x, state)).Select(x => x.Protocol < 1 ? $"{x.DisplayName} ({x.Version})" : x.DisplayName),
        ];
        if (state is { PausedAt: not null, IsAwaited: true })
            others.Add("a receiver of an earlier version, which waits for messages");
        return new RedisPauseProgress
        {
            Control = Control(queue, state),
            Leased = state.Leased,
            Receivers = alive.Length,
            Obeying = alive.Count(x => Obeys(x, state)),
            NotObeying = others,
            Done = state is { PausedAt: { } since, Leased: 0 } && others.Count == 0 && state.ServerTime - since >= ProofTime,
        };
    }

    static bool Obeys(RedisReceiver receiver, ControlState state) => receiver.Obeys(state.Version);

    /// <summary>Makes a change that is recorded in the audit before. What cannot be recorded is not done.</summary>
    async Task<RedisQueueControl> ChangeAsync(string queue, ControlChange change, RedisActor by, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(by);
        _ = QueueName.Parse(queue);
        return await audit.RunAsync(AuditEntries.Of(change.What, queue, change.Text, by), async () => Control(queue,
            await host.Current.ChangeControlAsync(queue, change, by.User, by.Reason ?? "", cancellationToken).ConfigureAwait(false)
                ?? throw Unknown(queue)), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    async Task<ControlState> ReadAsync(string queue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return await host.Current.ReadControlAsync(queue, cancellationToken).ConfigureAwait(false) ?? throw Unknown(queue);
    }

    static int? Checked(int? number, string name) => number is null or (>= 1 and <= MaxNumber)
        ? number
        : throw new ArgumentOutOfRangeException(name, number,
            "Choose 1 to 1,000,000, or null for what the code says. To let nothing begin, pause the queue.");

    static RedisQueueControl Control(string queue, ControlState state) => new()
    {
        Queue = queue,
        IsPaused = state.PausedAt is not null,
        PausedAt = state.PausedAt,
        PausedUntil = state.PausedUntil,
        PausedBy = state.PausedBy,
        Reason = state.PauseReason,
        Limit = state.Limit,
        Rate = state.Rate,
        Workers = state.Workers,
        Version = state.Version,
        ChangedAt = state.ChangedAt,
        ChangedBy = state.ChangedBy,
    };
}
