using System.Text;
using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.UnitTests.Documentation;

/// <summary>One page of the documentation: its code, its headings and its links.</summary>
sealed class MarkdownFile
{
    readonly string _prose;

    MarkdownFile(string path)
    {
        Path = path;
        Text = File.ReadAllText(System.IO.Path.Combine(Repository.Root, path));
        _prose = Regex.Replace(Text, "^```.*?^```", "", RegexOptions.Singleline | RegexOptions.Multiline);
    }

    /// <summary>Relative to the repository's root.</summary>
    public string Path { get; }

    public string Text { get; }

    public int Lines => Text.Count(x => x == '\n');

    /// <summary>The C# blocks, in their order.</summary>
    public IEnumerable<string> Code =>
        Regex.Matches(Text, "^```csharp\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline).Select(x => x.Groups[1].Value);

    /// <summary>What the links of the page lead to; what is written as code is none.</summary>
    public IEnumerable<string> Links
    {
        get
        {
            var text = Regex.Replace(_prose, "`[^`\n]*`", "code");
            return Regex.Matches(text, @"\]\(([^)\s]+)\)").Concat(Regex.Matches(text, @"^\[[^\]]+\]:\s+(\S+)", RegexOptions.Multiline))
                .Concat(Regex.Matches(text, @"<(https?:[^>\s]+)>"))
                .Select(x => x.Groups[1].Value);
        }
    }

    /// <summary>What stands behind the # of a link to a heading, as GitHub makes it.</summary>
    public IReadOnlySet<string> Anchors
    {
        get
        {
            var anchors = new HashSet<string>(StringComparer.Ordinal);
            foreach (Match heading in Regex.Matches(_prose, @"^#{1,6} +(.+?) *$", RegexOptions.Multiline))
            {
                var anchor = AnchorOf(heading.Groups[1].Value);
                for (var (name, again) = (anchor, 0); !anchors.Add(name); name = $"{anchor}-{again}")
                    again++;
            }

            return anchors;
        }
    }

    public static MarkdownFile Read(string path) => new(path);

    /// <summary>Every page that is read by people: README, docs, packages, templates.</summary>
    public static IReadOnlyList<MarkdownFile> All() =>
    [
        .. Directory.GetFiles(Repository.Root, "*.md")
            .Concat(Directory.GetFiles(System.IO.Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(System.IO.Path.Combine(Repository.Root, "compose"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(System.IO.Path.Combine(Repository.Root, ".github"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.GetDirectories(System.IO.Path.Combine(Repository.Root, "src")).SelectMany(x => Directory.GetFiles(x, "*.md")))
            .Select(x => System.IO.Path.GetRelativePath(Repository.Root, x).Replace('\\', '/')).Order(StringComparer.Ordinal).Select(Read),
    ];

    static string AnchorOf(string heading)
    {
        var text = Regex.Replace(heading, @"\[([^\]]*)\]\([^)]*\)", "$1");
        var anchor = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (char.IsLetterOrDigit(character) || character is '-' or '_')
                anchor.Append(char.ToLowerInvariant(character));
            else if (character == ' ')
                anchor.Append('-');
        }

        return anchor.ToString();
    }
}
