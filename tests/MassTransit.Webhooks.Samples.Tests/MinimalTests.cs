using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Compose.Tests.Support;
using MassTransit.Webhooks.Samples.Tests.Support;

namespace MassTransit.Webhooks.Samples.Tests;

/// <summary>The example of the README, and the lines for a shell that follow it.</summary>
public class MinimalTests
{
    [SkippableFact]
    public async Task Example_of_the_readme_takes_the_webhook_that_the_readme_sends_and_processes_it_once()
    {
        Skip.If(Executable.Find("curl") is null || Executable.Find("openssl") is null, "no curl, or no openssl, on the PATH");
        await using var minimal = await SampleProcess.StartAsync("Minimal", [], "--urls", "http://127.0.0.1:0");
        var address = await minimal.AddressAsync();

        Assert.StartsWith("HTTP/1.1 202 ", Send(address), StringComparison.Ordinal);
        await minimal.LineAsync(x => x == "issues: {\"action\":\"opened\"}");
        Assert.StartsWith("HTTP/1.1 200 ", Send(address), StringComparison.Ordinal);

        Assert.True(await minimal.InterruptAsync() == 0, minimal.Output);
        Assert.Single(minimal.Lines, x => x.StartsWith("issues: ", StringComparison.Ordinal));
    }

    /// <summary>Pastes the README's lines into a shell.</summary>
    static string Send(Uri address)
    {
        const string start = "curl -i http://localhost:5080/";
        var lines = Regex.Match(File.ReadAllText(Path.Combine(ComposeFiles.Root, "README.md")), "^```\n(body=.*?)^```",
            RegexOptions.Singleline | RegexOptions.Multiline).Groups[1].Value;
        Assert.Contains(start, lines, StringComparison.Ordinal);

        // --noproxy: a machine's proxy does not know this machine's ports.
        var output = Executable.Run("/bin/sh", TimeSpan.FromSeconds(20), "-c",
            lines.Replace(start, $"curl --noproxy '*' --silent -i {address}", StringComparison.Ordinal));
        Assert.NotNull(output);
        return output;
    }
}
