using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.UnitTests.Documentation;

/// <summary>
/// What the documentation shows is code that compiles: each block stands, indentation aside, in a file of samples/Snippets or
/// samples/Minimal.
/// </summary>
public sealed class CodeTests
{
    [Fact]
    public void Every_code_block_of_the_documentation_is_compiled_code()
    {
        var compiled =
            new[] { "Snippets", "Minimal" }.SelectMany(x => Directory.GetFiles(Path.Combine(Repository.Root, "samples", x), "*.cs"))
            .Select(x => Normalize(File.ReadAllText(x))).ToList();
        var blocks = MarkdownFile.All().SelectMany(x => x.Code, (page, code) => (page.Path, Code: Normalize(code))).ToList();

        Assert.True(blocks.Count > 10, "The blocks are not found any more.");
        Assert.All(blocks, block => Assert.True(compiled.Any(x => x.Contains(block.Code, StringComparison.Ordinal)),
            $"{block.Path} has code that is not in samples/Snippets:\n{block.Code}"));
    }

    [Fact]
    public void First_block_of_the_readme_is_a_whole_program()
    {
        var program = File.ReadAllText(Path.Combine(Repository.Root, "samples", "Minimal", "Program.cs"));

        Assert.Equal(program.ReplaceLineEndings("\n").Trim(), MarkdownFile.Read("README.md").Code.First().Trim());
    }

    static string Normalize(string code) =>
        string.Join('\n', code.Split('\n').Select(x => x.Trim()).Where(x => x.Length > 0));
}
