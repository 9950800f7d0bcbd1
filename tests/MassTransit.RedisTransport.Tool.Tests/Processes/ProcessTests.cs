using System.Runtime.InteropServices;
using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.RedisTransport.Tool.Tests.Support;

namespace MassTransit.RedisTransport.Tool.Tests.Processes;

/// <summary>The tool as a process of its own, in real shells.</summary>
public sealed partial class ProcessTests(AnyRedis fixture) : IClassFixture<AnyRedis>
{
    [SkippableFact]
    public async Task A_reader_that_has_seen_enough_ends_it_without_a_stack()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, dead: 300);
        using var shell = Bash(filled);
        var (_, output, error) = await shell.RunAsync("mtq dead export payments | head -1 | wc -l; echo ${PIPESTATUS[0]}");
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("1", lines[0].Trim());
        Assert.Contains(lines[1], new[] { "0", "141" });
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Bash_completes_verbs_options_and_names_of_queues()
    {
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 1);
        using var shell = Bash(filled);
        async Task<string[]> CompleteAsync(string line)
        {
            // As readline calls it.
            var (_, output, error) = await shell.RunAsync($$"""
                eval "$(mtq completion bash)"
                COMP_LINE='{{line}}'; COMP_POINT=${#COMP_LINE}; read -ra COMP_WORDS <<< "$COMP_LINE"
                [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _mtq
                printf '%s\n' "${COMPREPLY[@]}"
                """);
            Assert.Empty(error);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }

        Assert.Equal(["queue", "queues"], await CompleteAsync("mtq que"));
        Assert.Contains("--dry-run", await CompleteAsync("mtq queue purge --dr"));
        // Names come in time or not at all: on a busy machine that takes longer.
        shell.Environment["MTQ_COMPLETION_TIMEOUT"] = "30s";
        Assert.Equal(["orders"], await CompleteAsync("mtq queue show or"));
        shell.Environment["MTQ_REDIS"] = "redis://127.0.0.1:1/0";
        shell.Environment["MTQ_COMPLETION_TIMEOUT"] = "1ms";
        Assert.Empty(await CompleteAsync("mtq queue show or"));
    }

    [SkippableTheory]
    [InlineData("zsh", "source <(mtq completion zsh); whence -w _mtq")]
    [InlineData("fish", "mtq completion fish | source; complete -C 'mtq que'")]
    public async Task Other_shells_take_their_scripts(string name, string script)
    {
        var program = Executable.Find(name);
        Skip.If(program is null, $"no {name} on the PATH");
        using var shell = new Shell();
        var (code, output, error) = await shell.RunAsync(name == "zsh" ? $"autoload -U compinit; compinit -u; {script}" : script, program);
        Assert.True(code == 0, error);
        Assert.Contains(name == "zsh" ? "_mtq: function" : "queues", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Queues_are_listed_without_what_a_bus_needs()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux tells which files a process has loaded");
        await using var filled = await Filled.StartAsync(fixture.Server, ready: 1);
        using var shell = Bash(filled);
        using var process = await shell.StartAsync("/bin/bash", "exec mtq queues --watch 1s -o ndjson");
        try
        {
            Assert.NotNull(await Eventually.CompletesAsync(process.StandardOutput.ReadLineAsync(), TimeSpan.FromSeconds(60)));
            var loaded = await File.ReadAllTextAsync($"/proc/{process.Id}/maps");
            Assert.Contains("/MassTransit.RedisTransport.dll", loaded, StringComparison.Ordinal);
            foreach (var absent in new[] { "MassTransit.dll", "MassTransit.Webhooks.dll", "Microsoft.AspNetCore.Server.Kestrel.Core.dll" })
                Assert.DoesNotContain($"/{absent}", loaded, StringComparison.Ordinal);
        }
        finally
        {
            _ = Kill(process.Id, 2);
            await Eventually.CompletesAsync(process.WaitForExitAsync());
        }

        // Ctrl+C is how --watch ends.
        Assert.Equal(0, process.ExitCode);
    }

    Shell Bash(Filled filled)
    {
        Skip.If(Executable.Find("bash") is null, "no bash on the PATH");
        return new Shell(fixture.Server, filled.Prefix);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
