using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Operations;

namespace MassTransit;

/// <summary>Which dead letters an operation is about. It is stored with the operation, so it holds no code.</summary>
public sealed class RedisSelection
{
    /// <summary>How many keys a selection has at most.</summary>
    public const int MaxKeys = 1_000;

    RedisSelection(RedisDeadLetterFilter? filter, IReadOnlyList<string>? keys)
    {
        Filter = filter;
        Keys = keys;
    }

    /// <summary>All dead letters of the queue.</summary>
    public static RedisSelection All { get; } = new(null, null);

    /// <summary>What the dead letters meet; <c>null</c>: nothing in particular.</summary>
    public RedisDeadLetterFilter? Filter { get; }

    /// <summary>The keys of the dead letters; <c>null</c>: they are not selected by key.</summary>
    public IReadOnlyList<string>? Keys { get; }

    /// <summary>True for all dead letters of the queue.</summary>
    public bool IsAll => Filter is null && Keys is null;

    /// <summary>The dead letters that meet a filter. Ages are counted from the start of the operation.</summary>
    /// <param name="filter">The filter.</param>
    /// <exception cref="ArgumentException">The filter has a predicate, which cannot be stored, or a group that is none.</exception>
    public static RedisSelection Where(RedisDeadLetterFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (filter.Predicate is not null)
            throw new ArgumentException("A predicate is code, which cannot be stored with an operation: use the other conditions, or "
                + "IRedisDeadLetters.ReplayAsync, which runs in this process.", nameof(filter));
        if (filter.Group is { } group)
            FailureFingerprint.RequireId(group, nameof(filter));
        return new RedisSelection(filter, null);
    }

    /// <summary>The dead letters of one failure group.</summary>
    /// <param name="group">Its <see cref="RedisFailureGroup.Id"/>.</param>
    /// <exception cref="ArgumentException">This is no id of a group.</exception>
    public static RedisSelection Group(string group) =>
        Where(new RedisDeadLetterFilter { Group = FailureFingerprint.RequireId(group, nameof(group)) });

    /// <summary>Dead letters by their keys.</summary>
    /// <param name="keys">1 to 1,000 keys.</param>
    /// <exception cref="ArgumentException">There are none or too many of them, or one is no key.</exception>
    public static RedisSelection Of(IReadOnlyCollection<string> keys)
    {
        var wanted = DeadLetterQueue.RequireKeys(keys);
        return wanted.Length is > 0 and <= MaxKeys
            ? new RedisSelection(null, wanted)
            : throw new ArgumentException($"An operation takes 1 to {MaxKeys} keys: use a filter for more.", nameof(keys));
    }

    /// <summary>Says in a few words which dead letters are meant, at most 500 characters.</summary>
    public override string ToString() => SelectionText.Describe(this);
}
