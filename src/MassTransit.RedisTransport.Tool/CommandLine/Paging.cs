using System.CommandLine;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary>How much of a list is shown.</summary>
static class Paging
{
    /// <summary>How many entries one call reads of a long list.</summary>
    public const int Page = 1_000;

    /// <param name="otherwise">What holds if nothing is given.</param>
    /// <param name="description">What it means.</param>
    public static Option<int> Limit(int otherwise, string description = "How many at most") => new("--limit", "-n")
    {
        Description = $"{description}. Default: {otherwise}",
        DefaultValueFactory = _ => otherwise,
    };

    /// <summary>A limit of which 0 means all.</summary>
    public static Option<int> LimitOrAll(int otherwise) => Limit(otherwise, "How many at most; 0: all");

    /// <summary>How many are wanted.</summary>
    public static int ReadOrAll(ParseResult result, Option<int> limit) =>
        result.GetValue(limit) is > 0 and var some ? some : int.MaxValue;
}
