using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.UnitTests.Documentation;

/// <summary>
/// What a user can set, and what a user is answered, is in the documentation: the public API and the sources are asked what there is.
/// </summary>
public sealed class CompletenessTests
{
    /// <summary>What every record has, and what names the object itself.</summary>
    static readonly string[] Plumbing = ["Equals", "Name", "Services"];

    [Fact]
    public void Readme_is_read_in_five_minutes() => Assert.InRange(MarkdownFile.Read("README.md").Lines, 50, 150);

    [Theory]
    [InlineData("IRedisHostConfigurator", "docs/transport.md")]
    [InlineData("IRedisReceiveEndpointConfigurator", "docs/transport.md")]
    [InlineData("EmbeddedRedisOptions", "docs/transport.md")]
    [InlineData("WebhookReceiverOptions", "docs/receiving.md")]
    [InlineData("WebhookReceiverBuilder", "docs/receiving.md")]
    [InlineData("WebhookHmacOptions", "docs/receiving.md")]
    [InlineData("WebhookTokenOptions", "docs/receiving.md")]
    [InlineData("WebhookIngressOptions", "docs/receiving.md")]
    [InlineData("IWebhookConfigurator", "docs/processing.md")]
    [InlineData("IWebhookProcessorConfigurator", "docs/processing.md")]
    [InlineData("IWebhookDeadLetters", "docs/dead-letters.md")]
    [InlineData("WebhookDeadLetterFilter", "docs/dead-letters.md")]
    [InlineData("RedisHealthOptions", "docs/operations.md")]
    [InlineData("WebhookHealthOptions", "docs/operations.md")]
    [InlineData("RedisDashboardOptions", "docs/dashboard.md")]
    public void Every_member_is_told_of(string type, string page)
    {
        var text = MarkdownFile.Read(page).Text;
        var members = Members(type);

        Assert.NotEmpty(members);
        Assert.All(members, x => Assert.True(Regex.IsMatch(text, $@"\b{x}\b"), $"{page} does not tell of {type}.{x}."));
    }

    [Fact]
    public void Every_answer_of_the_ingress_is_told_of()
    {
        var text = MarkdownFile.Read("docs/receiving.md").Text;
        var answers = Directory.GetFiles(Path.Combine(Repository.Root, "src", "MassTransit.Webhooks.AspNetCore", "Answers"), "*.cs")
            .SelectMany(x => Regex.Matches(File.ReadAllText(x), @"StatusCodes\.Status(\d{3})\w*, ""([a-z-]+)""\)"))
            .Select(x => (Status: x.Groups[1].Value, Reason: x.Groups[2].Value)).ToList();

        Assert.True(answers.Count > 20, "The answers are not found any more.");
        Assert.All(answers, x => Assert.True(Regex.IsMatch(text, $@"^\| `{x.Status}` \|[^|]*`{x.Reason}`", RegexOptions.Multiline),
            $"{x.Status} {x.Reason} is in no row."));
    }

    [Fact]
    public void Every_finding_is_told_of()
    {
        var text = MarkdownFile.Read("docs/administration.md").Text;
        var findings = typeof(RedisFindingIds).GetFields().Select(x => (string)x.GetRawConstantValue()!).ToList();

        Assert.NotEmpty(findings);
        Assert.All(findings, x => Assert.Contains($"`{x}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_alert_is_told_of()
    {
        var text = MarkdownFile.Read("docs/operations.md").Text;
        var alerts = Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, "compose", "prometheus", "rules", "webhooks.yml")),
            @"- alert: (\w+)").Select(x => x.Groups[1].Value).ToList();

        Assert.NotEmpty(alerts);
        Assert.All(alerts, x => Assert.Contains($"`{x}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_package_is_in_the_readme()
    {
        var text = MarkdownFile.Read("README.md").Text;
        var packages = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(x => Path.GetFileNameWithoutExtension(x)!).ToList();

        Assert.NotEmpty(packages);
        Assert.All(packages, x => Assert.Contains($"`{x}`", text, StringComparison.Ordinal));
    }

    /// <summary>By the files in which the analyzer records the public API.</summary>
    static IReadOnlyList<string> Members(string type) =>
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "PublicAPI.*.txt", SearchOption.AllDirectories)
        .SelectMany(File.ReadAllLines)
            .Select(x => Regex.Match(x, $@"^(?:[\w.]+\.)?{type}\.(\w+)(?:<\w+>)?(?:\.get|\.set|\.init|\()")).Where(x => x.Success)
            .Select(x => x.Groups[1].Value)
            .Where(x => x != type && !Plumbing.Contains(x)).Distinct(StringComparer.Ordinal),
    ];
}
