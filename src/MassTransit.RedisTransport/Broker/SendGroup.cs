using System.Diagnostics;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>The messages that share one call of a send lane, and those who wait for it.</summary>
internal sealed class SendGroup
{
    readonly TaskCompletionSource<SendOutcome> _completion = new();
    List<CancellationToken>? _tokens;
    List<int>? _kept;
    HashSet<int>? _duplicates;

    /// <summary>Completes for all of them. Whoever awaits it goes on on the pool, not on the lane's thread.</summary>
    public Task<SendOutcome> Task => _completion.Task;

    /// <summary>Those to be sent: as they came, without those whose senders had given up before.</summary>
    public List<OutgoingMessage> Messages { get; } = [];

    /// <summary>When the first of them came.</summary>
    public long Created { get; } = Stopwatch.GetTimestamp();

    /// <summary>How many messages the server has stored, of which several may share a record.</summary>
    public int Stored { get; private set; }

    public int Bytes { get; set; }

    /// <summary>How many messages carry a token or a dedupe id.</summary>
    public int Extras { get; set; }

    /// <summary>True when nobody waits any more.</summary>
    public bool IsForsaken => _tokens is { } tokens && tokens.TrueForAll(static x => x.IsCancellationRequested);

    public void Add(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled || _tokens is not null)
        {
            _tokens ??= [.. Enumerable.Repeat(CancellationToken.None, Messages.Count)];
            _tokens.Add(cancellationToken);
        }

        Messages.Add(message);
    }

    /// <summary>Takes out those whose senders have given up. Only before any of them may have been sent. True where there were any.</summary>
    public bool DropCancelled()
    {
        if (_tokens is not { } tokens || !tokens.Exists(static x => x.IsCancellationRequested))
            return false;

        _kept ??= [.. Enumerable.Range(0, Messages.Count)];
        for (var i = Messages.Count - 1; i >= 0; i--)
        {
            if (!tokens[i].IsCancellationRequested)
                continue;
            Extras -= Messages[i].CancelToken is null && Messages[i].DedupeId is null ? 0 : 1;
            Messages.RemoveAt(i);
            tokens.RemoveAt(i);
            _kept.RemoveAt(i);
        }

        return true;
    }

    /// <param name="index">Where the message was among all that came.</param>
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
            Stored += IsDuplicate(i) ? 0 : 1 + Messages[i].Extra;
        Tell(() => _completion.TrySetResult(gone ? SendOutcome.QueueGone : SendOutcome.Stored));
    }

    public void Fail(Exception exception)
    {
        Tell(() => _completion.TrySetException(exception));
        // A sender that was cancelled meanwhile does not look: keep that from being reported as unobserved.
        _ = Task.Exception;
    }

    /// <summary>
    /// Each sender goes on on a thread of the pool. Where the pool has none, because senders block all of them until they
    /// hear of this, they hear of it on a thread of its own.
    /// </summary>
    static void Tell(Action complete)
    {
        if (PoolWatch.IsStarved)
        {
            new Thread(() => complete()) { IsBackground = true, Name = "MassTransit Redis without pool" }.Start();
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

    /// <summary>Under a context of somebody's own nothing is continued in place: all of it goes to the pool, each for itself.</summary>
    sealed class ElsewhereContext : SynchronizationContext
    {
        public static readonly ElsewhereContext Instance = new();
    }
}
