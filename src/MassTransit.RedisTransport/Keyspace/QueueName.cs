using System.Buffers;

namespace MassTransit.RedisTransport.Keyspace;

/// <summary>
/// A validated queue name and the tag that decides its cluster slot. A queue and its <c>_error</c> and <c>_skipped</c> queues share one
/// tag, so that one atomic script can move a message between them.
/// </summary>
internal sealed class QueueName : IEquatable<QueueName>
{
    /// <summary>The longest name. Names are part of keys and addresses, which operators type by hand.</summary>
    public const int MaxLength = 255;

    public const string ErrorSuffix = "_error";
    public const string SkippedSuffix = "_skipped";

    static readonly string[] Suffixes = [ErrorSuffix, SkippedSuffix];

    /// <summary>The longest name of a receive endpoint. It leaves room for the suffixes.</summary>
    public const int MaxEndpointLength = MaxLength - 8;

    static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:");

    QueueName(string value)
    {
        Value = value;
        Tag = StripSuffixes(value);
    }

    public string Value { get; }

    /// <summary>The name without its dead-letter suffixes. It is the part between the braces of every key.</summary>
    public string Tag { get; }

    /// <summary>The rule for names, for messages like "use …".</summary>
    public static string Rule =>
        $"1 to {MaxLength} of the characters A-Z a-z 0-9 - _ . :, and is neither '.' nor '..', which addresses collapse";

    public static bool IsValid(string? name) =>
        name is { Length: > 0 and <= MaxLength } and not ("." or "..") && !name.AsSpan().ContainsAnyExcept(Allowed);

    /// <exception cref="ArgumentException">The name is empty, too long, or contains a character that is not allowed.</exception>
    public static QueueName Parse(string name) =>
        IsValid(name)
            ? new QueueName(name)
            : throw new ArgumentException(
                $"The queue name '{name}' is not valid: it has {Rule}", nameof(name));

    /// <summary>Returns the dead-letter queues that belong to a queue by their names, if these are valid.</summary>
    public static IEnumerable<string> DeadLetterQueuesOf(string queue)
    {
        foreach (var suffix in Suffixes)
        {
            if (IsValid(queue + suffix))
                yield return queue + suffix;
        }
    }

    /// <summary>
    /// Returns the name without its last suffix; <c>null</c> if it has none, so that it is not the name of a dead-letter queue.
    /// </summary>
    public static string? OriginalOf(string queue)
    {
        foreach (var suffix in Suffixes)
        {
            if (queue.Length > suffix.Length && queue.EndsWith(suffix, StringComparison.Ordinal))
                return queue[..^suffix.Length];
        }

        return null;
    }

    public bool Equals(QueueName? other) => other is not null && Value == other.Value;

    public override bool Equals(object? obj) => Equals(obj as QueueName);

    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Value;

    static string StripSuffixes(string name)
    {
        while (OriginalOf(name) is { } original)
            name = original;
        return name;
    }
}
