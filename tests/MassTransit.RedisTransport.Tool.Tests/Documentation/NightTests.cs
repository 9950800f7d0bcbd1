using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.RedisTransport.Tool.Tests.Processes;
using MassTransit.RedisTransport.Tool.Tests.Support;

namespace MassTransit.RedisTransport.Tool.Tests.Documentation;

/// <summary>The lines of README and docs/operations.md that somebody types at night are run as they are written, at a terminal.</summary>
public sealed class NightTests(AnyRedis fixture) : IClassFixture<AnyRedis>
{
    [SkippableTheory]
    [InlineData("docs/operations.md", 8, 0)]
    [InlineData("README.md", 4, 2)]
    public async Task The_lines_of_the_night_do_what_they_say(string page, int count, int left)
    {
        Skip.If(Executable.Find("bash") is null || Executable.Find("script") is null, "no bash, or no script, on the PATH");
        var isRepaired = false;
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 12, fault: i =>
            Volatile.Read(ref isRepaired) ? null : new TimeoutException($"No answer to {i}"));
        using var shell = new Shell(fixture.Server, filled.Prefix);
        var lines = Lines(page);
        Assert.Equal(count, lines.Length);
        foreach (var line in lines)
        {
            // What the page calls the repair: the consumer does not fail any more.
            if (line.StartsWith("mtq queue resume", StringComparison.Ordinal))
                Volatile.Write(ref isRepaired, true);
            await File.WriteAllTextAsync(Path.Combine(shell.Folder, "line"), line);
            // A terminal of its own, at which somebody says yes. Its output has the line breaks of a terminal.
            var (code, output, error) = await shell.RunAsync("echo y | script -qec 'bash line' /dev/null");
            Assert.True(code == 0, $"{line}\nended with {code}:\n{output}\n{error}");
        }

        await filled.DeadAsync(left);
        var ready = (await filled.Tool.RunAsync("queue", "show", "payments")).Json;
        Assert.Equal((false, 0), (ready.GetProperty("isPaused").GetBoolean(), ready.GetProperty("ready").GetInt32()));
    }

    static string[] Lines(string page)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n");
        var block = Regex.Match(text, "^```\n(mtq doctor .*?)^```", RegexOptions.Singleline | RegexOptions.Multiline).Groups[1].Value;
        return block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
