namespace MassTransit;

/// <summary>
/// Tells operators' pages what is in messages of a kind: values by which they are shown, counted and found, and the body that their sender
/// has given. Register it as a service (<c>AddSingleton&lt;IRedisMessageDescriber, …&gt;</c>); there may be several. Messages that nobody
/// describes are shown as they are stored.
/// </summary>
/// <remarks>
/// It is called by several threads at a time, with messages of anybody. What it returns is text of strangers: it is encoded where it is
/// shown. If it throws, the message counts as one that it does not know.
/// </remarks>
public interface IRedisMessageDescriber
{
    /// <summary>The values that it tells, in the order in which they are shown.</summary>
    IReadOnlyList<RedisMessageFacet> Facets { get; }

    /// <summary>Describes a message.</summary>
    /// <param name="letter">The message, with <see cref="RedisDeadLetter.IsReadable"/>.</param>
    /// <returns><c>null</c> if it is of another kind.</returns>
    RedisMessageDescription? Describe(RedisDeadLetter letter);

    /// <summary>Says how a message gets another body of its sender's, and stays as it is otherwise.</summary>
    /// <param name="letter">A message that <see cref="Describe"/> knows.</param>
    /// <param name="body">What takes the place of <see cref="RedisMessageDescription.Body"/>.</param>
    /// <exception cref="ArgumentException">The message cannot have this body; the exception's message says why.</exception>
    RedisEdit WithBody(RedisDeadLetter letter, ReadOnlyMemory<byte> body);
}

/// <summary>A value by which messages of a kind are shown, counted and found.</summary>
/// <param name="Property">
/// The property of the message that has the value, as <see cref="RedisDeadLetterFilter.Properties"/> names it: <c>receiver</c>.
/// </param>
/// <param name="Title">What people call it: <c>Receiver</c>.</param>
public sealed record RedisMessageFacet(string Property, string Title);

/// <summary>What is in a message.</summary>
public sealed record RedisMessageDescription
{
    /// <summary>The values, by <see cref="RedisMessageFacet.Property"/>. Those that the message does not have may be missing.</summary>
    public required IReadOnlyDictionary<string, string?> Values { get; init; }

    /// <summary>The body that the sender has given.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The content type of <see cref="Body"/>. Default: <c>null</c>, not known.</summary>
    public string? ContentType { get; init; }

    /// <summary>Headers that came with <see cref="Body"/>. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
