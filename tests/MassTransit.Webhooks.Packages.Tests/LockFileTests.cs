using MassTransit.Webhooks.Packages.Tests.Support;

namespace MassTransit.Webhooks.Packages.Tests;

/// <summary>A restore gives everybody the same packages.</summary>
[Trait("Category", "Packages")]
public class LockFileTests
{
    [Fact]
    public void Every_project_says_exactly_which_packages_it_gets_and_from_no_place_in_particular()
    {
        var projects = new[] { "src", "samples", "tests" }
            .SelectMany(x => Directory.GetDirectories(Path.Combine(Build.Repository, x)))
            .SelectMany(x => Directory.GetFiles(x, "*.csproj")).ToList();

        Assert.NotEmpty(projects);
        Assert.All(projects, project =>
        {
            var file = Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json");
            Assert.True(File.Exists(file), $"{project} has no packages.lock.json: restore it, and commit the file.");
            Assert.DoesNotContain("://", File.ReadAllText(file), StringComparison.Ordinal);
        });
    }
}
