using MassTransit.RedisTransport.Dashboard.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Dashboard.Payloads;

/// <summary>Asks those who know kinds of messages what is in one.</summary>
internal sealed class Describers(IEnumerable<IRedisMessageDescriber> all, ILogger logger)
{
    readonly IRedisMessageDescriber[] _all = [.. all];
    int _told;

    public bool Any => _all.Length > 0;

    public Described Describe(RedisDeadLetter letter)
    {
        foreach (var describer in letter.IsReadable ? _all : [])
        {
            try
            {
                if (describer.Describe(letter) is { } description)
                    return new Described(letter, describer, description);
            }
            catch (Exception exception)
            {
                // A message of a stranger must not take the page from everybody. The log has the first such exception.
                if (Interlocked.Exchange(ref _told, 1) == 0)
                    LogMessages.NotDescribed(logger, describer.GetType().FullName!, exception);
            }
        }

        return new Described(letter, null, null);
    }
}

/// <summary>A dead letter, with what is known of the message in it.</summary>
/// <param name="letter">The dead letter.</param>
/// <param name="describer">Who knows it; <c>null</c>: nobody.</param>
/// <param name="description">What is in it; <c>null</c> if nobody knows it.</param>
internal sealed class Described(RedisDeadLetter letter, IRedisMessageDescriber? describer, RedisMessageDescription? description)
{
    public RedisDeadLetter Letter => letter;

    public IRedisMessageDescriber? Describer => describer;

    public RedisMessageDescription? Description => description;

    /// <summary>The body that its sender has given; of a message that nobody knows, the body as it is stored.</summary>
    public ReadOnlyMemory<byte> Body => description?.Body ?? letter.Body;

    public string? ContentType => description is { } known ? known.ContentType : letter.ContentType;

    public IReadOnlyList<RedisMessageFacet> Facets => describer?.Facets ?? [];

    public string? ValueOf(RedisMessageFacet facet) => description?.Values.GetValueOrDefault(facet.Property);
}
