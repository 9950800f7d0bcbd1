using System.CommandLine;
using MassTransit.RedisTransport.Tool.Configuration;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary>The options that every verb takes.</summary>
static class GlobalOptions
{
    static readonly Option<string?> Redis = new("--redis", "-r")
    {
        Description = "Address of Redis, without a password: redis://server:6379/0, or sentinels: a:26379,serviceName=main",
        Recursive = true,
        HelpName = "address",
    };

    static readonly Option<string?> Prefix = new("--prefix")
    {
        Description = "The key prefix of the bus",
        Recursive = true,
        HelpName = "name",
    };

    static readonly Option<string?> Context = new("--context", "-c")
    {
        Description = "A named server of the user's configuration",
        Recursive = true,
        HelpName = "name",
    };

    static readonly Option<string?> Output = new("--output", "-o")
    {
        Description = "table, json or ndjson. Default: a table on a terminal, else one JSON object a line",
        Recursive = true,
        HelpName = "form",
    };

    static readonly Option<bool> NoColor = new("--no-color") { Description = "No colours; NO_COLOR does the same", Recursive = true };

    static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "Only warnings and errors on stderr",
        Recursive = true,
    };

    static readonly Option<string?> Timeout = new("--timeout")
    {
        Description = "How long a call of Redis may take. Default: 5s",
        Recursive = true,
        HelpName = "duration",
    };

    public static void AddTo(RootCommand root)
    {
        Output.CompletionSources.Add("table", "json", "ndjson");
        foreach (var option in new Option[] { Redis, Prefix, Context, Output, NoColor, Quiet, Timeout })
            root.Options.Add(option);
    }

    /// <summary>What the command line says of the server, for a line that goes on with the same one.</summary>
    public static string Again(ParseResult result) => string.Concat(
        new[] { Redis, Prefix, Context }.Where(x => result.GetValue(x) is not null)
            .Select(x => $" {x.Name} {Quoted(result.GetValue(x)!)}"));

    /// <summary>A word as a shell takes it.</summary>
    public static string Quoted(string word) =>
        word.Length > 0 && word.All(x => char.IsAsciiLetterOrDigit(x) || x is '-' or '_' or '.' or '/' or ':' or '=' or ',' or '@' or '~')
            ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    public static GivenSettings Read(ParseResult result) => new(result.GetValue(Redis), result.GetValue(Prefix), result.GetValue(Context),
        result.GetValue(Output), result.GetValue(NoColor), result.GetValue(Quiet),
        result.GetValue(Timeout) is { } text ? Durations.Parse(text) : null);
}
