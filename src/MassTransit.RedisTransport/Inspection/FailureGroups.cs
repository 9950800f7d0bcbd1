using System.Diagnostics;
using System.Text.Json;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>
/// Reads the failure groups of a dead-letter queue, and brings those up to date that no move has counted: what was in the queue before
/// there were groups, what was sent there, and what an older version has moved in or out.
/// </summary>
internal static class FailureGroups
{
    /// <summary>How much of a call's time is spent on bringing the groups up to date.</summary>
    static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(50);

    public static async Task<RedisFailureGroups> ListAsync(MessageQueue queue, CancellationToken cancellationToken)
    {
        var groups = await queue.ListGroupsAsync(cancellationToken).ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        while (IsBehind(groups))
        {
            bool ended;
            try
            {
                ended = await StepAsync(queue, groups, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisTransportException exception) when (!exception.IsTransient)
            {
                // A server whose memory is full, or a user who may only read: what is there is shown all the same.
                break;
            }

            groups = await queue.ListGroupsAsync(cancellationToken).ConfigureAwait(false);
            if (ended || Stopwatch.GetElapsedTime(started) > Budget)
                break;
        }

        return Read(groups);
    }

    public static bool IsBehind(StoredGroups groups) => groups.Drifted || groups.Ungrouped != 0;

    /// <summary>Does one bounded step. Returns true after the last one; what came meanwhile may be left.</summary>
    public static Task<bool> StepAsync(MessageQueue queue, StoredGroups groups, CancellationToken cancellationToken) =>
        groups.Drifted || groups.Ungrouped < 0 ? queue.RecountAsync(cancellationToken) : queue.ClassifyAsync(cancellationToken);

    static RedisFailureGroups Read(StoredGroups groups) => new()
    {
        Entries = [.. groups.Groups.Select(Read).OrderByDescending(x => x.Count).ThenBy(x => x.Id, StringComparer.Ordinal)],
        Total = groups.Total,
        NotGroupedYet = Math.Max(0, groups.Ungrouped),
        IsExact = !groups.Drifted && groups.Ungrouped >= 0,
    };

    static RedisFailureGroup Read(StoredGroup group) => new()
    {
        Id = group.Id,
        Title = group.Id == FailureFingerprint.Other ? "Further failures" : FailureText.Line(group.Title, FailureFingerprint.MaxTitle),
        Count = group.Count,
        FirstSeen = MessageKey.TimeOf(group.First),
        LastSeen = MessageKey.TimeOf(group.Last),
        SampleKey = DeadLetterQueue.IsKey(group.LastKey) ? group.LastKey : null,
        FailedAgain = group.Again,
        Note = ReadNote(group.Note),
    };

    static RedisFailureNote? ReadNote(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize(json, InspectionJson.Default.RedisFailureNote);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
