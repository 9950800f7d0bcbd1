using System.CommandLine;
using System.Text;
using System.Text.Json;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;

namespace MassTransit.RedisTransport.Tool.Tests.Verbs;

/// <summary>
/// What holds of every verb. The verbs are those of the command line itself: one without a case in <see cref="VerbCase.All"/> fails here.
/// </summary>
public sealed class VerbTests(Template template) : IClassFixture<Template>
{
    static readonly string Shapes =
        Path.Combine(Repository.Root, "tests", "MassTransit.RedisTransport.Tool.Tests", "Snapshots", "verbs.txt");

    static readonly Lazy<(string Path, Command Command)[]> Tree = new(() =>
    {
        using var terminal = new Terminal();
        return [.. Walk(Mtq.CreateTree(terminal.Console(Stream.Null, TextWriter.Null, Stream.Null)), "")];
    });

    public static TheoryData<string> Verbs => [.. VerbCase.All.Select(x => x.Path)];

    public static TheoryData<string> Asking => [.. VerbCase.All.Where(x => !x.IsLocal).Select(x => x.Path)];

    public static TheoryData<string> Dangerous =>
        [.. VerbCase.All.Where(x => Find(x).Options.Any(y => y.Name == "--yes")).Select(x => x.Path)];

    [Fact]
    public void Every_verb_of_the_command_line_has_a_case()
    {
        var verbs = Tree.Value.Where(x => x.Command.Action is not null).Select(x => x.Path).ToArray();
        Assert.True(verbs.Length > 40, "The verbs are not found any more.");
        Assert.Equal(verbs.Order(StringComparer.Ordinal), VerbCase.All.Select(x => x.Path).Order(StringComparer.Ordinal));
        Assert.Equal(VerbCase.All.Select(x => x.Path).Order(StringComparer.Ordinal),
            File.ReadAllLines(Shapes).Select(x => x.Split(':')[0]).Order(StringComparer.Ordinal));
        // Whoever deletes or moves shows it first, and asks.
        Assert.All(VerbCase.All, x => Assert.Equal(Find(x).Options.Any(y => y.Name == "--yes"),
            Find(x).Options.Any(y => y.Name == "--dry-run")));
    }

    [SkippableTheory]
    [MemberData(nameof(Verbs))]
    public async Task It_prints_the_same_fields_as_ever_in_each_form(string path)
    {
        var verb = Case(path);
        var expected = File.ReadAllLines(Shapes).SingleOrDefault(x => x.StartsWith($"{path}: ", StringComparison.Ordinal));
        var whole = await RunAsync(verb, form: "json");
        var lines = await RunAsync(verb, form: "ndjson");
        var fields = "(nothing)";
        if (verb.IsText)
        {
            fields = "(text)";
            Assert.NotEmpty(whole.Out);
        }
        else if (!verb.IsSilent)
        {
            // A list is an array; what goes on for ever has a line for each.
            var first = verb.IsFollowed || path is "dead export" or "send" or "play" ? whole.Lines[0] : whole.Json;
            var names = Names(first.ValueKind == JsonValueKind.Array ? first[0] : first);
            Assert.All(lines.Lines, x => Assert.Equal(names, Names(x)));
            fields = string.Join(", ", names);
        }

        Assert.True($"{path}: {fields}" == expected,
            $"Fields are only added. Write into verbs.txt:\n{path}: {fields}\nbefore:\n{expected}");
        if (verb.IsSilent)
            Assert.Empty(whole.Out);
    }

    [SkippableTheory]
    [MemberData(nameof(Verbs))]
    public async Task At_a_terminal_it_prints_lines_for_people(string path)
    {
        var run = await RunAsync(Case(path), isTerminal: true);
        Assert.DoesNotContain(run.Out + run.Error, x => x is (< ' ' and not ('\n' or '\t')) or (>= '\x7f' and <= '\x9f'));
        Assert.True(Case(path).IsSilent || run.Out.Length > 0);
        if (path != "dead export")
            Assert.DoesNotContain("{\"", run.Out, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [MemberData(nameof(Verbs))]
    public async Task A_reader_that_has_gone_away_ends_it_without_a_stack(string path)
    {
        var verb = Case(path);
        var (tool, _) = await template.CopyAsync();
        using var __ = tool;
        using var closed = new ClosedStream();
        using var error = new StringWriter { NewLine = "\n" };
        using var stop = new CancellationTokenSource();
        using var input = new MemoryStream("{}"u8.ToArray());
        var running = Task.Run(async () => await Mtq.RunAsync([.. await template.WordsAsync(tool, verb), .. Yes(verb)],
            tool.Console(closed, TextWriter.Synchronized(error), input), stop.Token));
        if (path == "listen")
            await RequestAsync(() => error.ToString());
        var code = await Eventually.CompletesAsync(running, TimeSpan.FromSeconds(30), path);
        Assert.Contains(code, verb.IsSilent || path == "sign" ? [ExitCode.Done, ExitCode.OutputClosed] : new[] { ExitCode.OutputClosed });
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Broken pipe", error.ToString(), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [MemberData(nameof(Asking))]
    public async Task An_unknown_queue_is_told_and_an_empty_one_is_none_of_its_troubles(string path)
    {
        var verb = Case(path);
        if (verb.Unknown is { } unknown)
        {
            var run = await RunAsync(verb with { Code = unknown }, "nowhere");
            Assert.True(unknown == ExitCode.Done || run.Error.Contains("nowhere", StringComparison.Ordinal), run.Error);
        }

        if (verb.Arguments.Contains("{orders}", StringComparison.Ordinal) || verb.Arguments.Contains("{payments", StringComparison.Ordinal))
            await RunAsync(verb with { Code = verb.Empty }, "quiet");
    }

    [SkippableTheory]
    [MemberData(nameof(Dangerous))]
    public async Task Nothing_is_changed_by_a_dry_run_or_unless_somebody_confirms(string path)
    {
        var verb = Case(path);
        var (tool, prefix) = await template.CopyAsync();
        using var _ = tool;
        var words = await template.WordsAsync(tool, verb);
        var before = await template.DumpAsync(prefix);
        (await tool.RunAsync([.. words, "--dry-run"])).Ends(ExitCode.Done).Says("nothing was changed");
        (await tool.RunAsync([.. words, "--dry-run", "--yes"])).Ends(ExitCode.Done).Says("nothing was changed");
        (await tool.RunAsync(words)).Ends(ExitCode.NotConfirmed).Says("Nothing was changed.");
        (await tool.RunAsync([.. words, "--yes", "--expect", "100"])).Ends(ExitCode.NotConfirmed).Says("Nothing was changed.");
        tool.IsTerminal = true;
        (await tool.TypeAsync("no\n", words)).Ends(ExitCode.NotConfirmed).Says("Nothing was changed.");
        Assert.Equal(before, await template.DumpAsync(prefix));
    }

    [SkippableFact]
    public async Task Without_Redis_each_verb_ends_with_4_and_with_a_wrong_password_with_5()
    {
        // They only wait, so they do it at the same time.
        var options = new RedisServerOptions();
        options.Users.Add("default on >right ~* &* +@all");
        await using var server = await OwnServer.StartAsync(options);
        var (tool, _) = await template.CopyAsync();
        using var __ = tool;
        tool.Environment["MTQ_PASSWORD"] = "wr0ng-Pa55word";
        var asked = VerbCase.All.Where(x => !x.IsLocal).ToArray();
        var words = new List<(string[] Words, VerbCase Verb)>();
        foreach (var verb in asked)
        {
            var arguments = verb.Arguments.Replace("{operation}", "payments_error~0123456789ab", StringComparison.Ordinal);
            words.Add((await template.WordsAsync(tool, verb with { Arguments = arguments }), verb));
        }

        // Nobody listens on port 1.
        tool.Environment["MTQ_REDIS"] = "redis://127.0.0.1:1/0";
        await AssertAsync(ExitCode.Unreachable, "300ms");
        tool.Environment["MTQ_REDIS"] = $"redis://127.0.0.1:{server.Port}/0";
        await AssertAsync(ExitCode.Refused, "10s");

        async Task AssertAsync(int code, string timeout)
        {
            var runs = await Task.WhenAll(words.Select(async x =>
                (x.Verb, Run: await tool.RunAsync([.. x.Words, .. Yes(x.Verb), "--timeout", timeout]))));
            Assert.Equal(asked.Select(x => (x.Path, code)), runs.Select(x => (x.Verb.Path, x.Run.Code)));
            Assert.All(runs, x =>
            {
                // What a doctor finds is that.
                Assert.True(x.Verb.Path == "doctor" || x.Run.Out.Length == 0, x.Run.Out);
                Assert.DoesNotContain("   at ", x.Run.Error, StringComparison.Ordinal);
                Assert.DoesNotContain("wr0ng", x.Run.Out + x.Run.Error, StringComparison.Ordinal);
                Template.AssertNoSecret(x.Run);
            });
        }
    }

    async Task<Run> RunAsync(VerbCase verb, string? queue = null, string? form = null, bool isTerminal = false)
    {
        var (tool, _) = await template.CopyAsync();
        using var __ = tool;
        string[] words = [.. await template.WordsAsync(tool, verb, queue), .. Yes(verb), .. form is null ? [] : new[] { "-o", form }];
        tool.IsTerminal = isTerminal;
        var run = verb.IsFollowed && verb.Code == ExitCode.Done && queue != "nowhere"
            ? await FollowAsync(tool, words) : await tool.TypeAsync("{}", words);
        run.Ends(verb.Code);
        Template.AssertNoSecret(run);
        return run;
    }

    static async Task<Run> FollowAsync(Terminal tool, string[] words)
    {
        await using var running = tool.Start(words);
        if (words[0] == "listen")
            await RequestAsync(() => running.Error);
        await Eventually.TrueAsync(() => running.Out.Length > 0);
        var code = await running.InterruptAsync();
        return new Run(code, running.Out, running.Error, []);
    }

    /// <summary>What a listener waits for.</summary>
    static async Task RequestAsync(Func<string> error)
    {
        var address = "";
        await Eventually.TrueAsync(() => error().Split("Listening on ") is [_, var rest, ..] && (address = rest.Split('.')[..4] is var parts
            ? string.Join('.', parts).Split(',')[0] : "").Length > 0);
        using var client = new HttpClient();
        using var answer = await client.PostAsync(new Uri(address), new StringContent("{}"));
        Assert.Equal(202, (int)answer.StatusCode);
    }

    static string[] Names(JsonElement value) => [.. value.EnumerateObject().Select(x => x.Name)];

    static string[] Yes(VerbCase verb) => Find(verb).Options.Any(x => x.Name == "--yes") ? ["--yes"] : [];

    static VerbCase Case(string path) => VerbCase.All.Single(x => x.Path == path);

    static Command Find(VerbCase verb) => Tree.Value.Single(x => x.Path == verb.Path).Command;

    internal static IEnumerable<(string Path, Command Command)> Walk(Command command, string path)
    {
        yield return (path, command);
        foreach (var child in command.Subcommands.SelectMany(x => Walk(x, path.Length == 0 ? x.Name : $"{path} {x.Name}")))
            yield return child;
    }

    /// <summary>A pipe whose reader is gone.</summary>
    sealed class ClosedStream : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("Broken pipe");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("Broken pipe");
    }
}
