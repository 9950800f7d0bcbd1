namespace MassTransit.RedisTransport.Broker.Calls;

/// <summary>
/// How many bytes of records a reply may hold. Half a megabyte is more than 500 messages of a common size, arrives in 42 ms over
/// 100 Mbit/s, and leaves room below a client-output-buffer-limit of 1 MB. After a reply that was lost, which may have been too
/// much for the link or for such a limit, the next ones are smaller, and grow again with each that comes.
/// </summary>
internal sealed class ReplyBudget
{
    public const int Most = 512 * 1024;
    const int Least = 16 * 1024;

    int _bytes = Most;

    public int Bytes => _bytes;

    public void Answered() => _bytes = Math.Min(Most, _bytes * 2);

    public void Lost() => _bytes = Math.Max(Least, _bytes / 4);
}
