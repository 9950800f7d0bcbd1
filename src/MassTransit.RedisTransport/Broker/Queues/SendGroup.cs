using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>A message in a send lane.</summary>
/// <param name="Message">The message.</param>
/// <param name="Deadline">When its send must have ended; <c>null</c>: the deadline of its call applies.</param>
/// <param name="CancellationToken">Cancelled when its sender gives up.</param>
internal readonly record struct SendEntry(OutgoingMessage Message, Deadline? Deadline, CancellationToken CancellationToken);

/// <summary>The messages that share one call of a send lane, and their senders.</summary>
/// <param name="timeout">How long the call may take.</param>
internal sealed class SendGroup(TimeSpan timeout) : ICommitGroup<SendEntry>
{
    /// <summary>
    /// How many messages one call sends at most. This limits how long a script blocks the server: 5 ms with a million waiting messages.
    /// Twice as many take 10 ms and are sent no faster.
    /// </summary>
    const int MaxMessages = 250;

    /// <summary>How many bytes one call sends at most, so that other calls do not wait long behind it.</summary>
    const int MaxBytes = 4 * 1024 * 1024;

    readonly TaskCompletionSource<SendOutcome> _completion = new();
    List<CancellationToken>? _tokens;
    List<int>? _kept;
    HashSet<int>? _duplicates;
    int _bytes;

    /// <summary>Completes for all senders. Their code continues on the pool, not on the lane's thread.</summary>
    public Task<SendOutcome> Task => _completion.Task;

    /// <summary>The messages to send, in their order, without those whose senders have given up.</summary>
    public List<OutgoingMessage> Messages { get; } = [];

    /// <summary>The deadline of the call, which is that of its first message.</summary>
    public Deadline Deadline { get; private set; } = Deadline.After(timeout);

    /// <summary>How many messages the server has stored; several may share a record.</summary>
    public int Stored { get; private set; }

    /// <summary>How many messages have a token or a dedupe id, which are keys of the call.</summary>
    public int KeyedMessages { get; private set; }

    /// <summary>True if no sender waits any more.</summary>
    public bool IsForsaken => _tokens is { } tokens && tokens.TrueForAll(static x => x.IsCancellationRequested);

    public bool HasRoomFor(in SendEntry entry) => Messages.Count < MaxMessages && _bytes < MaxBytes;

    public int Add(in SendEntry entry)
    {
        if (entry.CancellationToken.CanBeCanceled || _tokens is not null)
        {
            _tokens ??= [.. Enumerable.Repeat(CancellationToken.None, Messages.Count)];
            _tokens.Add(entry.CancellationToken);
        }

        if (Messages.Count == 0 && entry.Deadline is { } deadline)
            Deadline = deadline;
        Messages.Add(entry.Message);
        _bytes += entry.Message.Record.Length;
        KeyedMessages += HasKeys(entry.Message) ? 1 : 0;
        return Messages.Count - 1;
    }

    /// <summary>
    /// Removes the messages whose senders have given up. It must be called before any message may have been sent. Returns true if there
    /// were any.
    /// </summary>
    public bool DropCancelled()
    {
        if (_tokens is not { } tokens || !tokens.Exists(static x => x.IsCancellationRequested))
            return false;

        _kept ??= [.. Enumerable.Range(0, Messages.Count)];
        for (var i = Messages.Count - 1; i >= 0; i--)
        {
            if (!tokens[i].IsCancellationRequested)
                continue;
            KeyedMessages -= HasKeys(Messages[i]) ? 1 : 0;
            Messages.RemoveAt(i);
            tokens.RemoveAt(i);
            _kept.RemoveAt(i);
        }

        return true;
    }

    /// <param name="index">The position of the message among all that were added.</param>
    public bool IsDuplicate(int index) => _duplicates?.Contains(index) is true;

    public void Complete(RedisResult[] reply)
    {
        const int queueGone = -1;
        const int firstDuplicate = 2;
        for (var i = firstDuplicate; i < reply.Length; i++)
        {
            var position = (int)reply[i] - 1;
            (_duplicates ??= []).Add(_kept is null ? position : _kept[position]);
        }

        var gone = (int)reply[0] == queueGone;
        for (var i = 0; i < Messages.Count && !gone; i++)
            Stored += IsDuplicate(i) ? 0 : Messages[i].MessageCount;
        Tell(() => _completion.TrySetResult(gone ? SendOutcome.QueueGone : SendOutcome.Stored));
    }

    public bool IsOutage(Exception exception) => !IsForsaken;

    public void Fail(Exception exception)
    {
        // A sender that has given up gets a cancellation, even if the failure is noticed first.
        var told = IsForsaken ? new OperationCanceledException("All senders of the call have given up.", exception) : exception;
        Tell(() => _completion.TrySetException(told));
        // Observes the exception, so that it is not reported as unobserved if all senders were cancelled meanwhile.
        _ = Task.Exception;
    }

    static bool HasKeys(in OutgoingMessage message) => message.CancelToken is not null || message.DedupeId is not null;

    /// <summary>
    /// Completes the senders, which continue on the pool. If the pool has no free thread, because waiting senders block all of them, they
    /// are completed on a separate thread.
    /// </summary>
    static void Tell(Action complete)
    {
        if (PoolWatch.IsStarved)
        {
            new Thread(() => complete()) { IsBackground = true, Name = "MassTransit Redis without pool" }.UnsafeStart();
            return;
        }

        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(ElsewhereContext.Instance);
        try
        {
            complete();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>A synchronization context without behavior. With it no continuation runs in place; each one goes to the pool.</summary>
    sealed class ElsewhereContext : SynchronizationContext
    {
        public static readonly ElsewhereContext Instance = new();
    }
}
