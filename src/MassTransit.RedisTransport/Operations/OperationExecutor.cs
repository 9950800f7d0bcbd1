using System.Diagnostics;
using System.Security.Cryptography;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Inspection;

namespace MassTransit.RedisTransport.Operations;

/// <summary>
/// Works on one operation while this process owns it. All that must hold is checked by the scripts of its steps: who owns it, whether it
/// was paused or cancelled, the brake, the room in the target. This class decides when the next step is made, and of what.
/// </summary>
internal sealed class OperationExecutor
{
    const int MaxBecause = 500;

    readonly MessageQueue _queue;
    readonly string _id;
    readonly OperationSource _source;
    readonly OperationTiming _timing;
    readonly OperationOwner _owner;
    readonly Action<StoredOperation> _told;
    readonly MemoryWatch _memory = new();
    long _next = Stopwatch.GetTimestamp();

    /// <param name="found">The dead-letter queue.</param>
    /// <param name="id">The operation.</param>
    /// <param name="timing">How often it looks.</param>
    /// <param name="told">Is told about the operation after each look at it.</param>
    public OperationExecutor(DeadLetterQueue found, string id, OperationTiming timing, Action<StoredOperation> told)
    {
        _queue = found.Queue;
        _id = id;
        _timing = timing;
        _told = told;
        _source = new OperationSource(found, id);
        _owner = new OperationOwner(RandomNumberGenerator.GetHexString(24, lowercase: true), timing.Lease,
            $"{Environment.MachineName}/{Environment.ProcessId}");
    }

    /// <summary>
    /// Works on the operation until it has ended, rests, or belongs to another process. Returns it as it is then; <c>null</c> if it does
    /// not exist any more.
    /// </summary>
    /// <exception cref="RedisTransportException">The server does not answer (transient).</exception>
    public async Task<StoredOperation?> RunAsync(CancellationToken cancellationToken)
    {
        var owned = await OwnAsync().ConfigureAwait(false);
        try
        {
            while (owned is { Owned: true, Operation: { } operation } && IsActive(operation) && !cancellationToken.IsCancellationRequested)
            {
                _told(operation);
                owned = await AdvanceAsync(owned, operation, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (IsFinal(exception))
        {
            owned = await OwnAsync(RedisOperationState.Failed, FailureText.Line(exception.Message, MaxBecause)).ConfigureAwait(false);
        }
        finally
        {
            await GiveBackAsync().ConfigureAwait(false);
        }

        if (owned.Operation is { } ended)
            _told(ended);
        return owned.Operation;
    }

    static bool IsActive(StoredOperation operation) =>
        OperationReading.StateOf(operation) is RedisOperationState.Running or RedisOperationState.Canary or RedisOperationState.Waiting;

    /// <summary>Makes one step, or waits for a moment, and looks at the operation again.</summary>
    async Task<OwnedOperation> AdvanceAsync(OwnedOperation owned, StoredOperation operation, CancellationToken cancellationToken)
    {
        if (OperationReading.StateOf(operation) == RedisOperationState.Canary)
        {
            var left = TimeSpan.FromMilliseconds((operation.Number("looks") ?? 0) - owned.Now);
            if (left > TimeSpan.Zero)
            {
                await PauseAsync(left < _timing.Beat ? left : _timing.Beat, cancellationToken).ConfigureAwait(false);
                return await OwnAsync().ConfigureAwait(false);
            }

            return await OwnAsync(RedisOperationState.Running).ConfigureAwait(false);
        }

        if (await IsEarlyAsync(cancellationToken).ConfigureAwait(false))
            return await OwnAsync().ConfigureAwait(false);

        var canary = operation.Number("looks") is null ? operation.Number("canary") ?? 0 : 0;
        if (canary > 0 && operation.Done >= canary)
        {
            var look = TimeSpan.FromMilliseconds(operation.Number("look") ?? 0);
            return await OwnAsync(RedisOperationState.Canary, look: look).ConfigureAwait(false);
        }

        var rate = operation.Number("rate");
        var most = OperationSource.MostOf(rate, canary > 0 ? canary - operation.Done : null);
        var part = await _source.ReadAsync(operation, most, CancellationToken.None).ConfigureAwait(false);
        var outcome = await StepAsync(operation, part, cancellationToken).ConfigureAwait(false);
        return outcome switch
        {
            StepOutcome.TooManyReady => await WaitAsync($"too many messages wait in '{_source.LastTarget}'", cancellationToken)
                .ConfigureAwait(false),
            StepOutcome.TargetPaused => await WaitAsync($"'{_source.LastTarget}' is paused", cancellationToken).ConfigureAwait(false),
            < 0 => await OwnAsync().ConfigureAwait(false),
            _ => await DoneAsync(part, outcome, rate).ConfigureAwait(false),
        };
    }

    async Task<OwnedOperation> DoneAsync(OperationPart part, int done, long? rate)
    {
        if (rate is > 0 && done > 0)
        {
            var now = Stopwatch.GetTimestamp();
            _next = Math.Max(_next, now - Stopwatch.Frequency / 10) + (long)(done / (double)rate * Stopwatch.Frequency);
        }

        return await OwnAsync(part.IsLast ? RedisOperationState.Done : null).ConfigureAwait(false);
    }

    async Task<int> StepAsync(StoredOperation operation, OperationPart part, CancellationToken cancellationToken)
    {
        try
        {
            return operation.Kind == "purge"
                ? await _source.PurgeAsync(operation, part, _owner.Token,
                    operation["trash"] == "1" && await _memory.HasRoomAsync(_queue, CancellationToken.None).ConfigureAwait(false),
                    CancellationToken.None).ConfigureAwait(false)
                : await _source.ReplayAsync(operation, part, _owner.Token, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RedisTransportException exception) when (exception.InnerException is { } inner && RedisErrors.IsFull(inner))
        {
            await WaitAsync("the server's memory or disk is full", cancellationToken).ConfigureAwait(false);
            return StepOutcome.Rests;
        }
    }

    /// <summary>Waits until the rate allows the next step, for a second at most. Returns true if it must wait longer.</summary>
    async Task<bool> IsEarlyAsync(CancellationToken cancellationToken)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _next);
        if (left <= TimeSpan.Zero)
            return false;

        await PauseAsync(left < _timing.Beat ? left : _timing.Beat, cancellationToken).ConfigureAwait(false);
        return left > _timing.Beat || cancellationToken.IsCancellationRequested;
    }

    async Task<OwnedOperation> WaitAsync(string because, CancellationToken cancellationToken)
    {
        var owned = await OwnAsync(RedisOperationState.Waiting, because).ConfigureAwait(false);
        await PauseAsync(_timing.Wait, cancellationToken).ConfigureAwait(false);
        return owned;
    }

    /// <remarks>Calls have no token: a step that has begun is finished, and its answer is awaited for a send timeout at most.</remarks>
    Task<OwnedOperation> OwnAsync(RedisOperationState? state = null, string? because = null, TimeSpan? look = null) =>
        _queue.OwnAsync(_id, _owner, state?.ToString(), because, look);

    /// <summary>Lets another process go on at once. If it fails, that one waits for the end of the lease.</summary>
    async Task GiveBackAsync()
    {
        try
        {
            await _queue.OwnAsync(_id, _owner with { Lease = TimeSpan.Zero }).ConfigureAwait(false);
        }
        catch (RedisTransportException)
        {
            // The lease ends by itself.
        }
    }

    /// <summary>True if the operation cannot go on, also later. An outage is no reason, and the process's own stop is none.</summary>
    static bool IsFinal(Exception exception) =>
        exception is RedisTransportException { IsTransient: false } or ArgumentException or FormatException;

    static async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        await Task.Delay(pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
