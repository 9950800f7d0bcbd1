using System.Globalization;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

internal sealed partial class MessageQueue
{
    /// <summary>How many messages one step counts into groups, or takes out of them.</summary>
    const int GroupStep = 250;

    /// <summary>How much of a record is read for its group. The headers of a failure stand before the body.</summary>
    const int HeadBytes = 256 * 1024;

    /// <summary>Lists the failure groups of a dead-letter queue.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<StoredGroups> ListGroupsAsync(CancellationToken cancellationToken = default)
    {
        var reply = (RedisResult[])(await RunAsync(ScriptCatalog.Groups, Keys.All, [], cancellationToken).ConfigureAwait(false)).Result!;
        return new StoredGroups((long)reply[0], (int)reply[1] == 1, [.. reply[2..].Select(x => Group((RedisResult[])x!))]);

        static StoredGroup Group(RedisResult[] x)
        {
            var last = ((string?)x[4] ?? "").Split(' ');
            return new StoredGroup((string)x[0]!, (long)x[1], (string)x[2]!, (long)x[3],
                long.TryParse(last[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ms) ? ms : (long)x[3],
                last.ElementAtOrDefault(1), (long)x[5], (string?)x[6] is { Length: > 0 } note ? note : null);
        }
    }

    /// <summary>Counts up to 250 messages that are in no group yet. Returns true if it has looked at the last message.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<bool> ClassifyAsync(CancellationToken cancellationToken = default)
    {
        var found = (RedisResult[])(await RunAsync(ScriptCatalog.Ungrouped, Keys.All, [GroupStep, ReplyBudget.Most, HeadBytes],
            cancellationToken).ConfigureAwait(false)).Result!;
        var keys = (RedisValue[])found[1]!;
        var heads = (RedisResult[])found[2]!;
        if (keys.Length > 0)
        {
            var values = new RedisValue[4 * keys.Length];
            for (var i = 0; i < keys.Length; i++)
            {
                var head = (byte[])heads[i]!;
                var failure = Failure.Of(head, cut: head.Length == HeadBytes);
                values[4 * i] = keys[i];
                values[4 * i + 1] = failure.Fingerprint.Id;
                values[4 * i + 2] = failure.Fingerprint.Title;
                values[4 * i + 3] = failure.WasReplayed ? 1 : 0;
            }

            await RunAsync(ScriptCatalog.Classify, Keys.All, values, cancellationToken).ConfigureAwait(false);
        }

        return (int)found[0] == 1;
    }

    /// <summary>
    /// Takes messages out of the groups that an older version has removed from the queue, about 250 in a step. Returns true after the last
    /// step.
    /// </summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<bool> RecountAsync(CancellationToken cancellationToken = default) =>
        (int)((RedisResult[])(await RunAsync(ScriptCatalog.Recount, Keys.All, [GroupStep], cancellationToken).ConfigureAwait(false))
            .Result!)[0] == 1;

    /// <summary>Writes a note on a group; <c>null</c> removes it. Returns false if the queue has no such group.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<bool> NoteAsync(string group, string? note, CancellationToken cancellationToken = default) =>
        (int)(await RunAsync(ScriptCatalog.Note, Keys.All, [group, note ?? ""], cancellationToken).ConfigureAwait(false)).Result == 1;
}
