using MassTransit.RedisTransport.Dashboard.Payloads;

namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>Which values how many dead letters have, among those that were looked at. It says nothing about the others.</summary>
internal sealed class FacetCounts
{
    /// <summary>How many are looked at. They come with their bodies.</summary>
    public const int MaxLooked = 250;

    /// <summary>How many values of a facet are kept.</summary>
    const int MaxValues = 10;

    /// <summary>How many were looked at.</summary>
    public required int Looked { get; init; }

    /// <summary>True if these are all that there are.</summary>
    public required bool IsAll { get; init; }

    /// <summary>The values, the most frequent first.</summary>
    public required IReadOnlyList<(RedisMessageFacet Facet, IReadOnlyList<(string Value, int Count)> Values)> Facets { get; init; }

    public static FacetCounts Of(IReadOnlyList<Described> letters, bool isAll) => new()
    {
        Looked = letters.Count,
        IsAll = isAll,
        Facets =
        [
            .. FacetsOf(letters).Select(facet => (facet, (IReadOnlyList<(string, int)>)
            [
                .. letters.Select(x => x.ValueOf(facet)).OfType<string>().Where(x => x.Length > 0)
                    .GroupBy(x => x, StringComparer.Ordinal).OrderByDescending(x => x.Count()).ThenBy(x => x.Key, StringComparer.Ordinal)
                    .Take(MaxValues).Select(x => (x.Key, x.Count())),
            ])),
        ],
    };

    /// <summary>What those tell who know the messages, each once.</summary>
    public static IReadOnlyList<RedisMessageFacet> FacetsOf(IEnumerable<Described> letters) =>
        [.. letters.SelectMany(x => x.Facets).DistinctBy(x => x.Property, StringComparer.OrdinalIgnoreCase)];
}
