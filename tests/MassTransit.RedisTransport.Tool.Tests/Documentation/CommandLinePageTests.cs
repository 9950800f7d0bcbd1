using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;

namespace MassTransit.RedisTransport.Tool.Tests.Documentation;

/// <summary>What there is, is told of; what the help shows, can be typed.</summary>
public sealed class CommandLinePageTests
{
    static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "command-line.md"));

    [Fact]
    public void Every_verb_and_every_option_is_on_the_page()
    {
        var verbs = Verbs().ToList();
        Assert.True(verbs.Count > 20, "The verbs are not found any more.");
        Assert.Empty(verbs.Where(x => x.Command.Action is not null && !Page.Contains($"mtq {x.Path}", StringComparison.Ordinal))
            .Select(x => x.Path));
        var options = verbs.SelectMany(x => x.Command.Options.Where(y => !y.Hidden).SelectMany(y => y.Aliases.Append(y.Name))).Distinct()
            .Where(x => x is not ("-?" or "-h" or "/?" or "/h" or "--version"));
        Assert.DoesNotContain(options, x => !Regex.IsMatch(Page, $@"`[^`\n]*(?<![\w-]){x}(?![\w-])"));
    }

    [Fact]
    public void Every_exit_code_is_on_the_page()
    {
        var codes = typeof(ExitCode).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(x => (int)x.GetRawConstantValue()!).ToList();
        Assert.True(codes.Count > 8);
        Assert.DoesNotContain(codes, x => !Page.Contains($"| {x} |", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_line_of_the_help_can_be_typed()
    {
        using var terminal = new Terminal();
        var tree = Mtq.CreateTree(terminal.Console(Stream.Null, TextWriter.Null, Stream.Null));
        var examples = Verbs().Select(x => x.Command).OfType<Verb>().Where(x => x.Action is not null).ToList();
        Assert.All(examples, x => Assert.NotEmpty(x.Examples));
        Assert.All(examples.SelectMany(x => x.Examples), x =>
            Assert.Empty(tree.Parse(Words(x), new ParserConfiguration { ResponseFileTokenReplacer = null }).Errors));
    }

    [Fact]
    public async Task Help_names_the_tool_as_it_is_typed_and_shows_examples()
    {
        using var terminal = new Terminal();
        var run = (await terminal.RunAsync("queue", "purge", "--help")).Ends(ExitCode.Done);
        Assert.Contains("mtq queue purge <queue> [options]", run.Out, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  mtq queue purge orders --dry-run\n", run.Out, StringComparison.Ordinal);
        (await terminal.RunAsync("--version")).Ends(ExitCode.Done);
    }

    /// <summary>As a shell splits a line, up to a redirection.</summary>
    static string[] Words(string line) => [.. Regex.Matches(line.Split(" < ")[0].Split(" > ")[0], @"'([^']*)'|(\S+)")
        .Select(x => x.Groups[1].Success ? x.Groups[1].Value : x.Groups[2].Value)];

    static IEnumerable<(string Path, Command Command)> Verbs()
    {
        using var terminal = new Terminal();
        return [.. Walk(Mtq.CreateTree(terminal.Console(Stream.Null, TextWriter.Null, Stream.Null)), "")];
    }

    static IEnumerable<(string Path, Command Command)> Walk(Command command, string path)
    {
        yield return (path, command);
        foreach (var child in command.Subcommands.SelectMany(x => Walk(x, path.Length == 0 ? x.Name : $"{path} {x.Name}")))
            yield return child;
    }
}
