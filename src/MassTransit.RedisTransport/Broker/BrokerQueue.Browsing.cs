using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>A waiting message, and where it stands in its queue.</summary>
/// <param name="Key">Its key; names it in requeue and remove.</param>
/// <param name="Score">Its rank, as the server writes it; with the key it marks a place in the queue.</param>
/// <param name="Record">Its record; <c>null</c> where the body is missing.</param>
internal sealed record WaitingMessage(string Key, string Score, ReadOnlyMemory<byte>? Record);

/// <summary>A part of a queue.</summary>
/// <param name="Messages">In the order of their delivery.</param>
/// <param name="HighestPlace">No message that was in the queue when this was read has a higher place, each later one has.</param>
/// <param name="HasMore">There is at least one message after these.</param>
/// <param name="ServerTime">The server's clock.</param>
internal sealed record WaitingPage(WaitingMessage[] Messages, long HighestPlace, bool HasMore, DateTimeOffset ServerTime);

internal sealed partial class BrokerQueue
{
    /// <summary>Reads waiting messages, on from the one given. What is taken out or added meanwhile neither hides nor repeats one.</summary>
    public async Task<WaitingPage> PageAsync(string? afterScore, string? afterKey, int limit, CancellationToken cancellationToken = default)
    {
        var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Page, Keys.All,
            [afterScore ?? "-inf", afterKey ?? "", Math.Clamp(limit, 1, MaxPage), MaxBytes], cancellationToken).ConfigureAwait(false)).Result!;
        return new WaitingPage(Waiting(reply, 2), (long)reply[0], (int)reply[1] == 1, MessageKey.Epoch.AddMilliseconds((long)reply[5]));
    }

    /// <summary>Reads the given messages where they are waiting, in bounded steps.</summary>
    public async IAsyncEnumerable<WaitingMessage[]> ReadAsync(IReadOnlyList<string> keys,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var first = 0; first < keys.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = new RedisValue[1 + Math.Min(MaxBatch, keys.Count - first)];
            values[0] = MaxBytes;
            for (var i = 1; i < values.Length; i++)
                values[i] = keys[first + i - 1];
            var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Read, Keys.All, values, cancellationToken).ConfigureAwait(false)).Result!;
            first += (int)reply[0];
            yield return Waiting(reply, 1);
        }
    }

    static WaitingMessage[] Waiting(RedisResult[] reply, int at)
    {
        var keys = (RedisValue[])reply[at]!;
        var scores = (RedisValue[])reply[at + 1]!;
        var records = (RedisResult[])reply[at + 2]!;
        var messages = new WaitingMessage[keys.Length];
        for (var i = 0; i < messages.Length; i++)
            messages[i] = new WaitingMessage(keys[i].ToString(), scores[i].ToString(), records[i].IsNull ? (ReadOnlyMemory<byte>?)null : (byte[])records[i]!);
        return messages;
    }
}
