using System.Reflection;
using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Scripts;

namespace MassTransit.RedisTransport.UnitTests.Scripts;

/// <summary>A script's header is its contract. Whoever changes one without the other is told here.</summary>
public sealed class ScriptContractTests
{
    /// <summary>
    /// What Redis 6.2, Valkey and Garnet all know. No streams, no functions, nothing that scans but the sweep's few records at a time.
    /// </summary>
    static readonly HashSet<string> Commands = new(StringComparer.Ordinal)
    {
        "TIME", "GET", "SET", "DEL", "EXISTS", "PEXPIRE", "PERSIST", "PTTL", "PUBLISH",
        "ZADD", "ZCARD", "ZCOUNT", "ZREM", "ZREMRANGEBYRANK", "ZSCORE", "ZMSCORE", "ZRANGE", "ZRANGEBYSCORE", "ZPOPMIN",
        "HSTRLEN",
        "HSET", "HSETNX", "HGET", "HMGET", "HDEL", "HLEN", "HEXISTS", "HINCRBY", "HSCAN",
    };

    public static TheoryData<string> Scripts => [.. ScriptText.Names];

    [Fact]
    public void The_catalog_holds_every_script_and_nothing_else()
    {
        var catalog = typeof(ScriptCatalog).GetProperties(BindingFlags.Static | BindingFlags.Public)
            .Where(x => x.PropertyType == typeof(RedisScript)).Select(x => ((RedisScript)x.GetValue(null)!).Name)
            .Order(StringComparer.Ordinal).ToArray();

        Assert.NotEmpty(catalog);
        Assert.Equal(ScriptText.Names, catalog);
    }

    [Fact]
    public void A_script_is_known_by_the_hash_of_the_shared_fragment_and_its_own_text()
    {
        var send = ScriptCatalog.Send;

        Assert.Equal(ScriptText.Read("_queue").Text + "\n" + ScriptText.Read("send").Text, send.Text);
#pragma warning disable CA5350 // What the server does.
        Assert.Equal(System.Security.Cryptography.SHA1.HashData(System.Text.Encoding.UTF8.GetBytes(send.Text)), send.Hash);
#pragma warning restore CA5350
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_header_states_a_purpose_and_a_reply(string name)
    {
        var script = ScriptText.Read(name);

        Assert.True(script.HasHeader, "The script does not begin with a --[[ header ]].");
        Assert.Matches(@"^\s*[A-Z][^\n]+[\s\S]*?\.\s*\n\s+KEYS\[1\]", script.Header);
        Assert.Matches(@"\n\s+Returns \S", script.Header);
        Assert.Contains("\nreturn ", script.Body, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Every_key_used_is_stated_and_every_key_stated_is_used(string name) => AssertStated(ScriptText.Read(name), "KEYS");

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Every_argument_used_is_stated_and_every_argument_stated_is_used(string name) => AssertStated(ScriptText.Read(name), "ARGV");

    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_rest_of_the_arguments_begins_where_the_header_says(string name)
    {
        var script = ScriptText.Read(name);
        var open = script.Stated("ARGV").OpenFrom;

        foreach (Match match in Regex.Matches(script.Body, @"unpack\(ARGV(?:, (\d+))?\)|for i = (\d+), #ARGV|settle_leases\(1, ARGV\)"))
        {
            var from = match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Success ? match.Groups[2].Value : "1";
            Assert.True(open?.ToString() == from || match.Value == "for i = 1, #ARGV", $"{match.Value} does not fit ARGV[{open}..]");
        }
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void No_key_is_built_inside_a_script(string name)
    {
        var script = ScriptText.Read(name);
        var locals = script.KeyLocals();
        var arguments = script.KeyArguments().ToArray();

        foreach (var (command, key) in arguments.Where(x => x.Command is not ("TIME" or "PUBLISH")))
            Assert.True(ScriptText.IsDeclaredKey(key, locals), $"{command} works on '{key}', which is no declared key.");

        // Whatever the pattern above did not take apart would not have been looked at.
        var calls = Regex.Count(script.Body, @"redis\.p?call\(|call_sliced\(|\b(?:wake|add|free_key|read_records)\(");
        Assert.Equal(calls, arguments.Length);
    }

    [Fact]
    public void No_key_is_built_inside_the_shared_fragment()
    {
        var fragment = ScriptText.Read("_queue");
        var locals = fragment.KeyLocals();
        // What the scripts hand to call_sliced, add, wake and those that read records, where it is looked at above.
        locals.UnionWith(["key", "meta", "messages"]);

        foreach (var (command, key) in fragment.KeyArguments().Where(x => x.Command is not ("TIME" or "PUBLISH" or "wake")))
            Assert.True(ScriptText.IsDeclaredKey(key, locals), $"{command} works on '{key}', which is no declared key.");
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Only_commands_that_every_supported_server_knows_are_called(string name)
    {
        var called =
            Regex.Matches(ScriptText.Read("_queue").Body + ScriptText.Read(name).Body, @"redis\.p?call\('(\w+)'|call_sliced\('(\w+)'")
            .Select(x => x.Groups[1].Success ? x.Groups[1].Value : x.Groups[2].Value);

        Assert.Empty(called.Except(Commands));
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void No_key_of_a_queue_is_left_out_of_the_guard(string name)
    {
        var script = ScriptText.Read(name);

        Assert.Equal(script.Stated("KEYS").Numbers.Contains(12), script.Body.Contains("guard(7)", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void No_script_reads_all_of_a_set_or_a_hash_however_long_it_is(string name)
    {
        var body = ScriptText.Read("_queue").Body + ScriptText.Read(name).Body;

        Assert.DoesNotMatch(@"'ZRANGE', \w+, 0, -1", body);
        // What comes from others has no bound but the one that stands there.
        Assert.All(Regex.Matches(body, @"'ZRANGEBYSCORE'[^\n]*"), x => Assert.Contains("'LIMIT'", x.Value, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Wrong_key_types_are_noticed_before_anything_is_written(string name)
    {
        var body = ScriptText.Read(name).Body;

        // A script beside the queues has one key of its own, and reads it first.
        var guard = ScriptText.Read(name).Stated("KEYS").Numbers.Count < 6 ? "redis.call('ZCARD'" : "guard(1)";
        var guarded = body.IndexOf(guard, StringComparison.Ordinal);
        var first = Regex.Match(body,
            @"redis\.p?call\(|call_sliced\("
                + @"|\b(?:wake|add|read_records|free_key|expire|expire_with|persist|allow_when_full|settle_leases)\(");
        Assert.True(guarded >= 0 && guarded <= first.Index, $"{guard} does not stand before the first command.");
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Numbers_are_written_as_integers_on_every_Lua(string name)
    {
        var body = ScriptText.Read(name).Body;

        // In Lua 5.4 a division, and whatever comes from it, is written as "1.0", which no counter takes; and one that holds no
        // number fails the script after it has written. The shared fragment does both right, in one place.
        Assert.DoesNotContain("HINCRBY", body, StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(ScriptText.Read("_queue").Body, "HINCRBY"));
        Assert.Contains("redis.pcall('HINCRBY', meta, field, int(n))", ScriptText.Read("_queue").Body, StringComparison.Ordinal);
    }

    static void AssertStated(ScriptText script, string array)
    {
        var (stated, open) = script.Stated(array);
        var used = script.Used(array);

        Assert.Equal([], used.Where(x => !stated.Contains(x) && !(x >= open)));
        Assert.Equal([], stated.Where(x => !used.Contains(x)));
        Assert.True(open is not null == script.UsesRange(array), $"{array}[n..] is stated but no range is used, or the other way round.");
        Assert.Equal(Enumerable.Range(1, stated.Count), stated);
        Assert.True(open is null || open == stated.Count + 1, $"{array}[{open}..] leaves a gap.");
    }
}
