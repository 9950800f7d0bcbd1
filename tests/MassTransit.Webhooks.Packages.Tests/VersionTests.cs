using System.Text.RegularExpressions;
using MassTransit.Webhooks.Packages.Tests.Support;

namespace MassTransit.Webhooks.Packages.Tests;

/// <summary>One version for everything: Directory.Build.props has it.</summary>
[Trait("Category", "Packages")]
public partial class VersionTests
{
    [Fact]
    public void Deployments_take_the_images_of_this_version()
    {
        var versions = Directory.GetFiles(Path.Combine(Build.Repository, "compose"), "*.yaml", SearchOption.AllDirectories)
            .SelectMany(x => Images().Matches(File.ReadAllText(x)).Select(y => (File: Path.GetFileName(x), Version: y.Groups[1].Value)))
            .ToList();

        Assert.NotEmpty(versions);
        Assert.All(versions, x => Assert.Equal((x.File, Build.Version), x));
    }

    [GeneratedRegex(@"(?:masstransit-webhooks-\w+:(?:\$\{TAG:-)?|newTag: *)(\d[\w.-]*)")]
    private static partial Regex Images();
}
