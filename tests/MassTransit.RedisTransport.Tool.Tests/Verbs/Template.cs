using System.Text;
using MassTransit.RedisTransport.Tool.Tests.Support;
using MassTransit.Webhooks;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Tool.Tests.Verbs;

/// <summary>Queues with all that a verb can be asked for, copied to a prefix of its own as often as it is needed.</summary>
public sealed class Template : IAsyncLifetime
{
    const string Secret = "s3cr3t-of-a-sender";
    readonly List<(string Name, byte[] Dump)> _keys = [];
    readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);
    RedisServerProcess? _server;
    ConnectionMultiplexer? _raw;
    string _exported = "";

    internal TestServer Server => _server!;

    public async Task InitializeAsync()
    {
        var server = new RedisServerProcess(new RedisServerOptions());
        await server.StartAsync();
        if (!server.IsAvailable)
            return;
        _server = server;
        _raw = await server.ConnectAsync();
        await using var filled = await Filled.StartAsync(server, ready: 3, dead: 4);
        await filled.App.SendAsync("quiet", new Notice("soon gone"));
        // Nobody consumes webhooks there, so it is skipped.
        await filled.App.SendAsync("payments", new Webhook { Id = "1", Receiver = "github", EventType = "push", Body = "{}"u8.ToArray() });
        await Eventually.TrueAsync(async () => (await filled.Tool.RunAsync("dead", "list", "payments_skipped")).Out.Length > 0);
        (await filled.Tool.RunAsync("queue", "purge", "quiet", "--yes")).Ends(0);
        var keys = await filled.KeysAsync();
        (await filled.Tool.RunAsync("dead", "purge", "payments", keys[0], "--yes")).Ends(0);
        (_words["key"], _words["trashed"]) = (keys[1], keys[0]);
        _words["group"] = (await filled.Tool.RunAsync("dead", "groups", "payments")).Lines[0].GetProperty("id").GetString()!;
        _words["webhook"] = (await filled.Tool.RunAsync("dead", "list", "payments_skipped")).Lines[0].GetProperty("key").GetString()!;
        _exported = (await filled.Tool.RunAsync("dead", "export", "payments_skipped")).Out;
        await Eventually.TrueAsync(async () => (await filled.Tool.RunAsync("workers", "payments")).Out.Length > 0);
        await KeepAsync(filled.Prefix, IsOfReceivers);
        // Without a bus nothing changes but by a verb.
        await filled.App.StopAsync();
        await KeepAsync(filled.Prefix, key => !IsOfReceivers(key));

        static bool IsOfReceivers(string key) =>
            key.EndsWith(":receivers", StringComparison.Ordinal) || key.EndsWith(":beats", StringComparison.Ordinal);
    }

    public async Task DisposeAsync()
    {
        if (_raw is not null)
            await _raw.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>A copy, and a terminal that knows it. The words of a case are filled in there.</summary>
    internal async Task<(Terminal Tool, string Prefix)> CopyAsync()
    {
        Skip.If(_server is null, "no redis-server, no valkey-server");
        var prefix = TestNames.Unique("verb");
        foreach (var (name, dump) in _keys)
            await _raw!.GetDatabase().KeyRestoreAsync($"{prefix}:{name}", dump);
        var tool = new Terminal(_server, prefix);
        tool.Environment["MTQ_SECRET"] = Secret;
        tool.Environment["NO_COLOR"] = "1";
        await File.WriteAllTextAsync(tool.File("letters.ndjson"), _exported);
        Directory.CreateDirectory(tool.File("captured"));
        await File.WriteAllTextAsync(tool.File("captured/000001.json"), """{ "method": "POST", "path": "/", "headers": [["X-A", "b"]] }""");
        await File.WriteAllTextAsync(tool.File("captured/000001.body"), "{}");
        Directory.CreateDirectory(Path.Combine(tool.ConfigFolder, "mtq"));
        await File.WriteAllTextAsync(Path.Combine(tool.ConfigFolder, "mtq", "config.json"),
            """{ "contexts": { "dev": { "redis": "redis://dev/0" } } }""");
        return (tool, prefix);
    }

    /// <summary>The words of a command line.</summary>
    /// <param name="tool">Where it is run.</param>
    /// <param name="verb">The verb.</param>
    /// <param name="queue">A queue in the place of those that the case names; <c>null</c>: those.</param>
    internal async Task<string[]> WordsAsync(Terminal tool, VerbCase verb, string? queue = null)
    {
        var words = new List<string>(verb.Path.Split(' '));
        foreach (var word in verb.Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            words.Add(word switch
            {
                "{}" => word,
                "{orders}" or "{payments}" or "{payments_error}" or "{payments_skipped}" => queue ?? word[1..^1],
                "{file}" => tool.File("letters.ndjson"),
                "{folder}" => tool.File("captured"),
                "{operation}" => (await tool.RunAsync("dead", "purge", "payments", _words["key"], "--yes", "--detach")).Ends(0).Text("id")!,
                ['{', .. var name, '}'] => _words[name],
                _ => word,
            });
        }

        return [.. words];
    }

    /// <summary>All keys of a prefix with all that they hold.</summary>
    internal async Task<string> DumpAsync(string prefix)
    {
        var text = new StringBuilder();
        foreach (var key in KeysOf(prefix))
            text.Append(key).Append(' ').Append(Convert.ToHexString((await _raw!.GetDatabase().KeyDumpAsync(key)) ?? [])).Append('\n');
        return text.ToString();
    }

    internal static void AssertNoSecret(Run run) => Assert.DoesNotContain(Secret, run.Out + run.Error, StringComparison.Ordinal);

    async Task KeepAsync(string prefix, Func<string, bool> which)
    {
        foreach (var key in KeysOf(prefix).Where(which))
            _keys.Add((key[(prefix.Length + 1)..], (await _raw!.GetDatabase().KeyDumpAsync(key))!));
    }

    string[] KeysOf(string prefix) =>
        [.. _raw!.GetServers()[0].Keys(pattern: $"{prefix}:*", pageSize: 1_000).Select(x => x.ToString()).Order(StringComparer.Ordinal)];
}
