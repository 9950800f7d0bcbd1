using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.Webhooks.ArchitectureTests;

/// <summary>Checks the line lengths of .editorconfig in the build, because the compiler's analyzers do not look at them.</summary>
public sealed partial class LineLengthTests
{
    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("samples")]
    public void Lines_are_no_longer_than_editorconfig_allows(string folder)
    {
        var limits = ReadLimits();

        var tooLong =
            from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
            where !Generated().IsMatch(file)
            let limit = limits.GetValueOrDefault(Path.GetExtension(file).TrimStart('.'), int.MaxValue)
            where limit < int.MaxValue
            from line in File.ReadLines(file).Index()
            where line.Item.Length > limit
            select $"{Path.GetRelativePath(Repository.Root, file)}:{line.Index + 1} has {line.Item.Length} characters, {limit} are allowed";

        Assert.Empty(tooLong);
    }

    [Fact]
    public void Editorconfig_limits_the_lines_of_code_and_of_scripts()
    {
        Assert.Equal(["cs", "lua"], ReadLimits().Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>Reads <c>max_line_length</c> of the sections <c>[*.ext]</c> and <c>[*.{ext,ext}]</c>, by extension.</summary>
    static Dictionary<string, int> ReadLimits()
    {
        var limits = new Dictionary<string, int>(StringComparer.Ordinal);
        string[] extensions = [];
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, ".editorconfig")))
        {
            if (Section().Match(line) is { Success: true } section)
                extensions = section.Groups[1].Value.Trim('{', '}').Split(',');
            else if (Limit().Match(line) is { Success: true } limit)
                foreach (var extension in extensions)
                    limits[extension] = int.Parse(limit.Groups[1].ValueSpan);
        }

        return limits;
    }

    [GeneratedRegex(@"^\[\*\.(.+)\]\s*$")]
    private static partial Regex Section();

    [GeneratedRegex(@"^max_line_length\s*=\s*(\d+)\s*$")]
    private static partial Regex Limit();

    [GeneratedRegex(@"[/\\](?:bin|obj|StrykerOutput)[/\\]")]
    private static partial Regex Generated();
}
