using System.Text.RegularExpressions;

namespace MassTransit.RedisTransport.UnitTests;

/// <summary>What the README shows is code that compiles: each block stands, indentation aside, in a file of samples/Snippets.</summary>
public class ReadmeTests
{
    [Fact]
    public void Every_code_block_of_the_readme_is_compiled_code()
    {
        var root = Root();
        var blocks = Regex.Matches(File.ReadAllText(Path.Combine(root, "README.md")), "```csharp\n(.*?)```", RegexOptions.Singleline)
            .Select(x => Normalize(x.Groups[1].Value)).ToList();
        var snippets = Directory.GetFiles(Path.Combine(root, "samples", "Snippets"), "*.cs").Select(x => Normalize(File.ReadAllText(x))).ToList();

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.True(snippets.Any(x => x.Contains(block, StringComparison.Ordinal)), $"Not in samples/Snippets:\n{block}"));
    }

    static string Normalize(string code) =>
        string.Join('\n', code.Split('\n').Select(x => x.Trim()).Where(x => x.Length > 0));

    static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MassTransit.Webhooks.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return folder;
    }
}
