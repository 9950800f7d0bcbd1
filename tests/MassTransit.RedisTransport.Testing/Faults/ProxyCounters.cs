namespace MassTransit.RedisTransport.Testing;

/// <summary>What has gone through a <see cref="FaultProxy"/>.</summary>
public sealed class ProxyCounters
{
    long _connections;
    long _requestBytes;
    long _replyBytes;
    long _lostReplyBytes;
    long _lostRequestBytes;

    public long Connections => Interlocked.Read(ref _connections);

    public long RequestBytes => Interlocked.Read(ref _requestBytes);

    public long ReplyBytes => Interlocked.Read(ref _replyBytes);

    public long LostRequestBytes => Interlocked.Read(ref _lostRequestBytes);

    public long LostReplyBytes => Interlocked.Read(ref _lostReplyBytes);

    internal void Accept() => Interlocked.Increment(ref _connections);

    internal void Request(int bytes, bool lost) => Interlocked.Add(ref lost ? ref _lostRequestBytes : ref _requestBytes, bytes);

    internal void Reply(int bytes, bool lost) => Interlocked.Add(ref lost ? ref _lostReplyBytes : ref _replyBytes, bytes);
}
