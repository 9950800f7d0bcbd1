using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.UnitTests.Documentation;

/// <summary>
/// The map of the code names files, scripts and keys. A file that is renamed or a key that is added is missing there first.
/// </summary>
public sealed partial class ArchitecturePageTests
{
    static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));

    [Fact]
    public void Every_file_that_is_named_exists()
    {
        var named = new List<string>();
        foreach (var line in Page.Split('\n'))
        {
            string? folder = null;
            foreach (var name in CodeSpan().Matches(line).Select(x => x.Groups[1].Value)
                .Where(x => x.EndsWith(".cs", StringComparison.Ordinal)))
            {
                // A name without a folder lies beside the file before it, or in the transport.
                folder = name.StartsWith("src/", StringComparison.Ordinal) ? Path.GetDirectoryName(name) : folder;
                named.Add(name.StartsWith("src/", StringComparison.Ordinal) ? name
                    : folder is not null ? $"{folder}/{name}"
                    : name.StartsWith("Keyspace/", StringComparison.Ordinal) ? $"src/MassTransit.RedisTransport/{name}"
                    : Path.GetRelativePath(Repository.Root, Directory
                        .EnumerateFiles(Path.Combine(Repository.Root, "src"), name, SearchOption.AllDirectories)
                        .FirstOrDefault(Path.Combine(Repository.Root, name))));
            }
        }

        Assert.True(named.Count > 30, "The files are not found any more.");
        Assert.DoesNotContain(named, x => !File.Exists(Path.Combine(Repository.Root, x)));
    }

    [Fact]
    public void Every_script_is_in_the_table()
    {
        var section = Page[Page.IndexOf("## Scripts", StringComparison.Ordinal)..];
        var scripts = Directory.GetFiles(Path.Combine(Repository.Root, "src", "MassTransit.RedisTransport", "Scripts"), "*.lua")
            .Select(x => Path.GetFileNameWithoutExtension(x)!).Where(x => x[0] != '_').ToList();

        Assert.NotEmpty(scripts);
        Assert.DoesNotContain(scripts, x => !section.Contains($"`{x}`", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_key_and_channel_is_in_the_table()
    {
        var layout = new KeyLayout(null, 0);
        var queue = layout.Queue(QueueName.Parse("orders"));
        string[] names =
        [
            .. queue.All.Concat(queue.Beside).Select(x => x.ToString()),
            queue.Lane("…").ToString(), queue.Token("…").ToString(), queue.Dedupe("…").ToString(),
            layout.Topic("…").ToString(), layout.Topics.ToString(), layout.Queues.ToString(), layout.DeadLetters.ToString(),
            layout.Epoch.ToString(), layout.Audit.ToString(), layout.Operations.ToString(), queue.Operation("…").ToString(),
            queue.WakeChannelName, layout.TopologyChannel.ToString(), layout.ProbeChannel.ToString(),
        ];

        Assert.DoesNotContain(names, x => !Page.Contains($"`{x}`", StringComparison.Ordinal));
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();
}
