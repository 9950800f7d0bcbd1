using System.Diagnostics;
using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Operations;

/// <summary>Tells whether the server has memory for a trash: not while it uses more than 80 % of what it may.</summary>
internal sealed class MemoryWatch
{
    /// <summary>The part of <c>maxmemory</c> above which nothing is kept that is not needed.</summary>
    const double Most = 0.8;

    /// <summary>How long an answer counts.</summary>
    static readonly TimeSpan Age = TimeSpan.FromSeconds(2);

    long _asked;
    bool _hasRoom;

    public async Task<bool> HasRoomAsync(MessageQueue queue, CancellationToken cancellationToken = default)
    {
        if (_asked != 0 && Stopwatch.GetElapsedTime(_asked) < Age)
            return _hasRoom;

        _hasRoom = await queue.MemoryUsedAsync(cancellationToken).ConfigureAwait(false) is not > Most;
        _asked = Stopwatch.GetTimestamp();
        return _hasRoom;
    }
}
