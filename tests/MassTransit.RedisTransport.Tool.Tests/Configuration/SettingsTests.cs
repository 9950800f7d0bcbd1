using System.Text.Json.Nodes;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;

namespace MassTransit.RedisTransport.Tool.Tests.Configuration;

/// <summary>Which server is meant, and why; and where no secret may be.</summary>
public sealed class SettingsTests : IDisposable
{
    const string Secret = "s3cr3t-of-ops";

    readonly Terminal _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task The_nearest_place_decides_and_is_named()
    {
        Assert.Equal(("redis://localhost:6379/0", "default"), await RedisAsync());
        WriteConfig("""
            { "context": "dev", "contexts": { "dev": { "redis": "redis://dev/1", "prefix": "d" }, "prod": { "redis": "redis://prod/2" } } }
            """);
        Assert.Equal(("redis://dev/1", "context dev"), await RedisAsync());
        var project = Path.Combine(Path.GetDirectoryName(_tool.Folder)!, ".mtq.json");
        await File.WriteAllTextAsync(project, """{ "redis": "redis://project/0" }""");
        Assert.Equal(("redis://project/0", project), await RedisAsync());
        _tool.Environment["REDIS_URL"] = "redis://url/0";
        Assert.Equal(("redis://url/0", "REDIS_URL"), await RedisAsync());
        _tool.Environment["MTQ_REDIS"] = "redis://mtq/0";
        Assert.Equal(("redis://mtq/0", "MTQ_REDIS"), await RedisAsync());
        Assert.Equal(("redis://prod/2", "context prod"), await RedisAsync("--context", "prod"));
        Assert.Equal(("redis://flag/0", "--redis"), await RedisAsync("--redis", "redis://flag/0", "--context", "prod"));
    }

    [Fact]
    public async Task A_prefix_belongs_to_the_server_of_its_context()
    {
        WriteConfig("""{ "context": "dev", "contexts": { "dev": { "redis": "redis://dev/1", "prefix": "d" } } }""");
        Assert.Equal(("d", "context dev"), await SettingAsync("prefix"));
        Assert.Equal((null, "default"), await SettingAsync("prefix", "--redis", "redis://other/0"));
        _tool.Environment["MTQ_PREFIX"] = "p";
        Assert.Equal(("p", "MTQ_PREFIX"), await SettingAsync("prefix"));
        Assert.Equal(("f", "--prefix"), await SettingAsync("prefix", "--prefix", "f"));
    }

    [Fact]
    public async Task No_secret_is_taken_from_the_command_line_or_shown()
    {
        (await _tool.RunAsync("queues", "--redis", $"redis://:{Secret}@localhost/0")).Ends(ExitCode.Usage).Says("MTQ_PASSWORD");
        (await _tool.RunAsync("queues", "--redis", $"localhost,password={Secret}")).Ends(ExitCode.Usage);
        foreach (var address in new[] { $"redis://ops:{Secret}@nowhere.invalid:1/0", $"nowhere.invalid:1,password={Secret},x" })
        {
            _tool.Environment["MTQ_REDIS"] = address;
            foreach (var verb in new[] { new[] { "config", "show" }, ["queues"], ["doctor"], ["queue", "show", "x"] })
            {
                var run = await _tool.RunAsync([.. verb, "--timeout", "100ms"]);
                Assert.DoesNotContain(Secret, run.Out + run.Error, StringComparison.Ordinal);
            }
        }

        (await _tool.RunAsync("context", "set", "prod")).Ends(ExitCode.Usage);
    }

    [Fact]
    public async Task A_repositorys_file_cannot_say_where_a_password_is_sent()
    {
        await File.WriteAllTextAsync(_tool.File(".mtq.json"), """{ "redis": "redis://attacker/0" }""");
        _tool.Environment["MTQ_PASSWORD"] = Secret;
        Assert.Null((await SettingAsync("password")).Value);
        _tool.Environment["MTQ_REDIS"] = "redis://mine/0";
        Assert.Equal("(given apart)", (await SettingAsync("password")).Value);
        foreach (var text in new[]
        {
            $$"""{ "redis": "redis://:{{Secret}}@x/0" }""", """{ "redis": "redis://x", "passwordEnv": "HOME" }""",
        })
        {
            await File.WriteAllTextAsync(_tool.File(".mtq.json"), text);
            var run = (await _tool.RunAsync("config", "show")).Ends(ExitCode.Usage);
            Assert.DoesNotContain(Secret, run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Contexts_are_made_used_and_removed_in_a_file_that_nobody_else_can_read()
    {
        (await _tool.RunAsync("context", "set", "prod", "--redis", "redis://ops@prod/0", "--prefix", "shop", "--password-env", "P",
            "--protected")).Ends(ExitCode.Done);
        (await _tool.RunAsync("context", "use", "test")).Ends(ExitCode.NotFound);
        (await _tool.RunAsync("context", "use", "prod")).Ends(ExitCode.Done);
        var line = Assert.Single((await _tool.RunAsync("context", "list")).Lines);
        Assert.Equal(("prod", true, "redis://prod/0", true), (line.GetProperty("name").GetString(),
            line.GetProperty("isCurrent").GetBoolean(), line.GetProperty("redis").GetString(),
            line.GetProperty("isProtected").GetBoolean()));
        Snapshot.Matches("context", line);
        var file = Path.Combine(_tool.ConfigFolder, "mtq", "config.json");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        (await _tool.RunAsync("queues")).Ends(ExitCode.Usage).Says("The variable P, which is to hold the secret, is not set.");
        _tool.Environment["P"] = Secret;
        Assert.Equal("yes", (await SettingAsync("protected")).Value);
        (await _tool.RunAsync("context", "remove", "prod")).Ends(ExitCode.Done);
        Assert.Empty((await _tool.RunAsync("context", "list")).Lines);
    }

    [Fact]
    public async Task What_a_context_is_not_given_anew_stays_as_it_was()
    {
        (await _tool.RunAsync("context", "set", "prod", "--redis", "redis://one/0", "--prefix", "shop", "--password-file", "/secret",
            "--protected")).Ends(ExitCode.Done);
        (await _tool.RunAsync("context", "set", "prod", "--redis", "redis://two/0")).Ends(ExitCode.Done);
        Assert.Equal("""{"redis":"redis://two/0","prefix":"shop","passwordFile":"/secret","protected":true}""", Prod());
        // A password has one place.
        (await _tool.RunAsync("context", "set", "prod", "--password-env", "P")).Ends(ExitCode.Done);
        Assert.Equal("""{"redis":"redis://two/0","prefix":"shop","passwordEnv":"P","protected":true}""", Prod());
        (await _tool.RunAsync("context", "set", "prod", "--password-env", "P", "--password-file", "f")).Ends(ExitCode.Usage)
            .Says("not both");
        (await _tool.RunAsync("context", "set", "prod", "--protected", "false", "--prefix", "")).Ends(ExitCode.Done);
        Assert.Equal(("no", null), ((await SettingAsync("protected", "--context", "prod")).Value,
            (await SettingAsync("prefix", "--context", "prod")).Value));

        string Prod() => JsonNode.Parse(File.ReadAllText(Path.Combine(_tool.ConfigFolder, "mtq", "config.json")))!["contexts"]!["prod"]!
            .ToJsonString();
    }

    [Fact]
    public async Task A_mistake_is_told_once_though_several_verbs_share_the_argument()
    {
        var run = (await _tool.RunAsync("context", "use", "--x")).Ends(ExitCode.Usage);
        Assert.Equal(1, run.Error.Split('\n').Count(x => x.Contains("There is no option '--x'", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task A_password_in_a_file_that_others_read_is_refused()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no such modes");
        WriteConfig($$"""{ "context": "a", "contexts": { "a": { "redis": "redis://:{{Secret}}@x/0" } } }""");
        var path = Path.Combine(_tool.ConfigFolder, "mtq", "config.json");
        SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var run = (await _tool.RunAsync("config", "show")).Ends(ExitCode.Usage).Says("chmod 600");
        Assert.DoesNotContain(Secret, run.Error, StringComparison.Ordinal);
        SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal("(in the address)", (await SettingAsync("password")).Value);
    }

    [Fact]
    public async Task What_cannot_be_read_ends_with_2_and_a_sentence()
    {
        (await _tool.RunAsync("config", "show", "-o", "xml")).Ends(ExitCode.Usage).Says("table, json or ndjson");
        (await _tool.RunAsync("queues", "--timeout", "1 fortnight")).Ends(ExitCode.Usage).Says("no duration");
        (await _tool.RunAsync("queues", "--nothing")).Ends(ExitCode.Usage).Says("--nothing");
        (await _tool.RunAsync("queue")).Ends(ExitCode.Usage).Says("'mtq queue' needs one of: show");
        (await _tool.RunAsync()).Ends(ExitCode.Usage);
        (await _tool.RunAsync("queue", "show")).Ends(ExitCode.Usage);
        (await _tool.RunAsync("queues", "--redis", "http://x")).Ends(ExitCode.Usage);
        (await _tool.RunAsync("queues", "--context", "none")).Ends(ExitCode.NotFound);
        WriteConfig("no json");
        (await _tool.RunAsync("config", "show")).Ends(ExitCode.Usage).Says("config.json");
    }

    static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }

    async Task<(string? Value, string? Origin)> SettingAsync(string name, params string[] arguments)
    {
        var run = (await _tool.RunAsync(["config", "show", .. arguments])).Ends(ExitCode.Done);
        var line = run.Lines.Single(x => x.GetProperty("name").GetString() == name);
        return (line.GetProperty("value").GetString(), line.GetProperty("origin").GetString());
    }

    Task<(string? Value, string? Origin)> RedisAsync(params string[] arguments) => SettingAsync("redis", arguments);

    void WriteConfig(string text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_tool.ConfigFolder, "mtq")).FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), text);
    }
}
