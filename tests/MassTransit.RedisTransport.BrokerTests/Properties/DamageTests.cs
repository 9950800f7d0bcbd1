using System.Diagnostics;
using System.Globalization;
using MassTransit.RedisTransport.BrokerTests.Servers;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests.Properties;

/// <summary>
/// A bug of a later version, or a stray tool, writes anything into any field of a queue while it is used. Whatever it writes,
/// nothing that was confirmed is lost, nothing that was refused is stored, and everybody goes on. A failure prints its seed.
/// </summary>
public abstract class DamageTests
{
    readonly BrokerServer _server;

    protected DamageTests(BrokerServer server)
    {
        server.Server.SkipIfUnavailable();
        _server = server;
    }

    [SkippableFact]
    public async Task Damage_of_any_field_loses_nothing()
    {
        for (var seed = 1; seed <= 30; seed++)
            await DamagedQueue.RunAsync(_server, seed, steps: 60);
    }

    [SkippableTheory]
    [MemberData(nameof(Fields))]
    public async Task Damage_of_one_field_loses_nothing(string field)
    {
        foreach (var value in DamagedQueue.Values)
            await DamagedQueue.RunAsync(_server, field, value);
    }

    public static TheoryData<string> Fields =>
        [.. DamagedQueue.MetaFields, "deliveries", "lane", "token", "delayed score", "leased score", "ready score"];
}

public sealed class Damage_on_Redis(OnRedis server) : DamageTests(server), IClassFixture<OnRedis>
{
    /// <summary>
    /// For a minute, or for FUZZ_SECONDS seconds; from FUZZ_SEED on, or from a seed of its own. Run alone with
    /// <c>dotnet test tests/MassTransit.RedisTransport.BrokerTests --filter Fuzz</c>.
    /// </summary>
    [SkippableFact]
    public async Task Fuzzed_records_and_counters_lose_nothing()
    {
        var time = TimeSpan.FromSeconds(Number("FUZZ_SECONDS", 60));
        var first = Number("FUZZ_SEED", Random.Shared.Next(1, int.MaxValue / 2));
        var started = Stopwatch.GetTimestamp();
        var seed = first;
        Console.WriteLine($"fuzzing from seed {first}");
        do
            await DamagedQueue.RunAsync(server, seed++, steps: 20 + seed % 100);
        while (Stopwatch.GetElapsedTime(started) < time);

        Console.WriteLine($"fuzzed {seed - first} queues, seeds {first} to {seed - 1}");
    }

    static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : otherwise;
}

public sealed class Damage_on_the_embedded_server(OnEmbedded server) : DamageTests(server), IClassFixture<OnEmbedded>;
