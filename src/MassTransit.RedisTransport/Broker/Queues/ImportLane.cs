using System.Globalization;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Scripts;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>What became of the dead letters of one call.</summary>
/// <param name="Put">How many were put in.</param>
/// <param name="Present">How many were there already.</param>
/// <param name="IsRefused">
/// True if the place of the next one lies ahead of the server's clock. It and those behind it were not put in.
/// </param>
internal readonly record struct ImportStep(int Put, int Present, bool IsRefused)
{
    public int Handled => Put + Present;
}

/// <summary>
/// Puts dead letters into a queue, call by call. A call that is repeated after a lost reply has the same number, by which the server
/// recognizes that it was applied: a letter that was put in and replayed meanwhile does not come a second time.
/// </summary>
/// <param name="runner">Runs the script.</param>
/// <param name="keys">The queue.</param>
/// <param name="timeout">How long a call may take.</param>
/// <param name="remember">Adds the queue to the list of queues, once.</param>
internal sealed class ImportLane(ScriptCaller runner, QueueKeys keys, TimeSpan timeout, Func<Task> remember)
{
    /// <summary>How many dead letters one call takes at most. It takes the server a few ms.</summary>
    public const int MaxLetters = 250;

    /// <summary>How many bytes of records one call takes at most, if it takes more than one.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    readonly RedisKey[] _keys = [.. keys.All, keys.Lane(Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture))];
    long _number;

    /// <param name="letters">Keys, which must be valid, and records.</param>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<ImportStep> PutAsync(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> letters)
    {
        var values = new RedisValue[3 + 5 * letters.Count];
        values[0] = ++_number;
        values[1] = (long)(SendLane.LaneMemory + timeout).TotalMilliseconds;
        values[2] = keys.WakeChannelName;
        for (var i = 0; i < letters.Count; i++)
        {
            var failure = Failure.Of(letters[i].Value, cut: false);
            values[3 + 5 * i] = letters[i].Key;
            values[4 + 5 * i] = letters[i].Value;
            values[5 + 5 * i] = failure.Fingerprint.Id;
            values[6 + 5 * i] = failure.Fingerprint.Title;
            values[7 + 5 * i] = failure.WasReplayed ? 1 : 0;
        }

        await remember().ConfigureAwait(false);
        // Nobody ends the waiting: whoever imports wants to know what is in.
        var reply = (string?)(await runner.RunWithRetryAsync(ScriptCatalog.Import, _keys, values, Deadline.After(timeout))
            .ConfigureAwait(false)).Result ?? "";
        var step = new ImportStep(reply.Count('1'), reply.Count('0'), reply.EndsWith('2'));
        return step.Handled == letters.Count || step.IsRefused ? step : throw new RedisTransportException(
            "Another program has written into the lane of this import. Nothing of the last step was put in: repeat the import.");
    }
}
