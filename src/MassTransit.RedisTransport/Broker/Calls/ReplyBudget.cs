namespace MassTransit.RedisTransport.Broker.Calls;

/// <summary>
/// Limits the bytes of records in a reply. Half a megabyte holds more than 500 messages of a common size, arrives in 42 ms over 100 Mbit/s,
/// and stays below a client-output-buffer-limit of 1 MB. After a lost reply, which may have been too large for the link or for that limit,
/// the next ones are smaller. The limit grows again with each reply that arrives.
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
