using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Packages.Tests.Support;
using MassTransit.Webhooks.Samples.Tests.Support;

namespace MassTransit.Webhooks.Packages.Tests;

/// <summary>What a stranger does first: an empty web project, the packages, the README's example.</summary>
[Collection(PackagesCollection.Name)]
[Trait("Category", "Packages")]
public sealed partial class StrangerTests(PackedSource source) : IDisposable
{
    readonly TempFolder _folder = new("stranger");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_readmes_example_takes_in_a_signed_webhook_with_nothing_but_the_packages()
    {
        var readme = (await File.ReadAllTextAsync(Path.Combine(Build.Repository, "README.md"))).ReplaceLineEndings("\n");
        var packages = Packages().Matches(readme).Select(x => x.Groups[1].Value).Distinct().ToList();
        var example = Example().Match(readme).Groups[1].Value;
        await MakeProjectAsync(packages, example);
        await Dotnet.RunAsync(_folder.Path, _folder.File("packages"), "build", "-v:q", "-o", _folder.File("out"));

        await using var application = await SampleProcess.StartAssemblyAsync(_folder.File("out/Stranger.dll"), _folder.Path,
            [("ASPNETCORE_URLS", "http://127.0.0.1:0")]);
        using var sender = new Sender(await application.AddressAsync());
        var id = $"{Guid.NewGuid():N}";
        var secret = Secret().Match(example).Groups[1].Value;
        // Until the processor's queue is there nobody is subscribed, and the sender is to come back.
        await Eventually.EqualAsync(202, async () => (await sender.SendGitHubAsync(id, secret)).Status, TimeSpan.FromSeconds(60),
            application.Output);
        Assert.Equal(401, (await sender.SendGitHubAsync("forged", "another")).Status);

        await application.LineAsync(x => x.Contains(id, StringComparison.Ordinal));
        Assert.True(await application.StopAsync() == 0, application.Output);
    }

    [Fact]
    public async Task All_packages_fit_together_in_one_project()
    {
        await MakeProjectAsync(source.Packages.Where(x => !x.IsTool).Select(x => x.Id), "");
        await Dotnet.RunAsync(_folder.Path, _folder.File("packages"), "restore", "-v:q");
    }

    [Fact]
    public async Task The_tool_is_installed_from_its_package_and_runs()
    {
        var tool = source.Packages.Single(x => x.IsTool);
        // Nothing is made: this folder only says where packages come from.
        await MakeProjectAsync([], "");
        await Dotnet.RunAsync(_folder.Path, _folder.File("packages"), "tool", "install", tool.Id, "--version", source.Version,
            "--tool-path", _folder.File("tools"));

        var signed = Executable.Run(_folder.File(OperatingSystem.IsWindows() ? "tools/mtq.exe" : "tools/mtq"), TimeSpan.FromSeconds(60),
            "completion", "bash");
        Assert.Contains("complete ", signed, StringComparison.Ordinal);
    }

    /// <summary>As `dotnet new web` and `dotnet add package` make it.</summary>
    async Task MakeProjectAsync(IEnumerable<string> packages, string program)
    {
        var references = packages.Select(x => $"""    <PackageReference Include="{x}" Version="{source.Version}" />""");
        await File.WriteAllTextAsync(_folder.File("Stranger.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
            {string.Join('\n', references)}
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(_folder.File("Program.cs"), program);
        // Beside the feeds that are set up on this machine. What the build has already unpacked is not fetched once more.
        await File.WriteAllTextAsync(_folder.File("nuget.config"), $"""
            <configuration>
              <packageSources><add key="packed" value="{source.Folder}" /></packageSources>
              <fallbackPackageFolders><add key="unpacked" value="{Build.PackageFolder}" /></fallbackPackageFolders>
            </configuration>
            """);
    }

    [GeneratedRegex(@"dotnet add package (\S+)")]
    private static partial Regex Packages();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex("""Secrets\.Add\("([^"]+)"\)""")]
    private static partial Regex Secret();
}
