using System.Globalization;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>An operation on the dead letters of a queue, as it is stored.</summary>
/// <param name="fields">Its fields by name.</param>
internal sealed class StoredOperation(IReadOnlyDictionary<string, string> fields)
{
    /// <summary>The fields that are read, in the order in which they are asked for.</summary>
    public static readonly RedisValue[] Fields =
    [
        "id", "kind", "selection", "text", "group", "by", "reason", "started", "bound", "total", "rate", "canary", "look", "brake", "least",
        "most", "trash", "state", "because", "owner", "name", "step", "score", "key", "looked", "done", "missing", "failed", "trashed",
        "looks", "taken", "updated",
    ];

    public string Id => this["id"];

    public string Kind => this["kind"];

    public string State => this["state"];

    public long Started => Number("started") ?? 0;

    /// <summary>The highest place of the queue when the operation was started. Later messages have higher ones.</summary>
    public long Bound => Number("bound") ?? 0;

    /// <summary>The number of the last step that was done.</summary>
    public long Step => Number("step") ?? 0;

    public long Done => Number("done") ?? 0;

    public string this[string field] => fields.GetValueOrDefault(field, "");

    public long? Number(string field) =>
        long.TryParse(this[field], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public string? Text(string field) => this[field] is { Length: > 0 } text ? text : null;

    /// <summary>Returns <c>null</c> if there is no such operation.</summary>
    public static StoredOperation? Read(RedisValue[] values)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i].HasValue)
                fields[Fields[i].ToString()] = values[i].ToString();
        }

        return fields.ContainsKey("id") && fields.ContainsKey("state") ? new StoredOperation(fields) : null;
    }
}

/// <summary>What an owner says of its operation.</summary>
/// <param name="Token">The owner's token.</param>
/// <param name="Lease">How long it owns the operation; zero: it gives it back.</param>
/// <param name="Name">The process, for people.</param>
internal readonly record struct OperationOwner(string Token, TimeSpan Lease, string Name);

/// <summary>An operation and whether the caller owns it.</summary>
/// <param name="Owned">True if it does.</param>
/// <param name="Now">The server's clock, ms since 2024.</param>
/// <param name="Operation">The operation; <c>null</c> if there is none of that id.</param>
internal sealed record OwnedOperation(bool Owned, long Now, StoredOperation? Operation);

/// <summary>One step of an operation, or a part of it.</summary>
/// <param name="Id">The operation; empty: none.</param>
/// <param name="Token">The owner's token; empty: no operation.</param>
/// <param name="Number">The number of the step. One that was done is not done again.</param>
/// <param name="Score">The score of the last message looked at; empty if the step has further parts.</param>
/// <param name="Key">The key of that message.</param>
/// <param name="Looked">How many messages this part has looked at.</param>
/// <param name="Missing">How many of them were gone, or cannot be moved.</param>
/// <param name="MaxReady">How many messages may be ready in the target; <c>null</c>: any number.</param>
internal readonly record struct OperationStep(string Id, string Token, long Number, string Score, string Key, long Looked, long Missing,
    long? MaxReady)
{
    public static readonly OperationStep None = new("", "", 0, "", "", 0, 0, null);

    /// <summary>The priority that the messages get; <c>null</c>: they keep theirs.</summary>
    public byte? Priority { get; init; }
}

/// <summary>Why a step was not done.</summary>
internal static class StepOutcome
{
    public const int NotOwner = -1;
    public const int DoneBefore = -2;
    public const int TooManyReady = -3;
    public const int Braked = -4;
    public const int Rests = -5;
    public const int TargetPaused = -6;
}
