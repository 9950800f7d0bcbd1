using MassTransit.RedisTransport.Testing;
using Xunit.Abstractions;
using static MassTransit.Webhooks.ArchitectureTests.Floors;

namespace MassTransit.Webhooks.ArchitectureTests;

/// <summary>The floors of MassTransit.RedisTransport: see docs/architecture.md.</summary>
public sealed class TransportTests(ITestOutputHelper output)
{
    static readonly Floors Picture = new(
        ["Exceptions", "Diagnostics", "Scripts", "Keyspace", "Addressing"],
        ["Broker/Records"],
        ["Broker/Connections"],
        ["Broker/Calls"],
        ["Broker/Topics"],
        ["Broker/Queues"],
        ["Broker"],
        ["Sending"],
        ["Inspection", "Receiving"],
        ["Maintenance", "Operations"],
        ["Configuration", "Health", "Scheduling"],
        ["Administration"],
        ["BusGlue"],
        ["Registration"]);

    static Package Transport => PackageOf("MassTransit.RedisTransport");

    [Fact]
    public void Every_room_is_drawn_and_every_arrow_leads_downwards()
    {
        output.WriteLine(Transport.Describe());
        Assert.Empty(Transport.Rooms.Except(Picture.Rooms));
        AssertNone(Picture.Violations(Transport));
    }

    [Fact]
    public void No_room_leads_back_to_itself()
    {
        AssertNone(Circles(Transport));
    }

    /// <summary>Exceptions are what users catch, among those of MassTransit's: only their base is one of its types.</summary>
    [Fact]
    public void The_engine_uses_no_type_of_MassTransit()
    {
        var found = Transport.Foreign().Where(x => IsEngine(x.Room) && IsMassTransit(x.Assembly))
            .Select(x => $"{x.Room}/{x.Type}").Distinct().Order(StringComparer.Ordinal);
        AssertNone(found);
    }

    [Fact]
    public void Only_the_engine_and_the_configuration_of_the_connection_know_the_Redis_client()
    {
        // What it configures is given by the client's own types, as the interface for users has it.
        string[] users = ["Configuration", "BusGlue/RedisBusFactoryConfigurator"];
        var found = Transport.Foreign()
            .Where(x => x.Assembly == "StackExchange.Redis" && !IsEngine(x.Room) && !users.Contains(x.Room)
                && !users.Contains($"{x.Room}/{x.Type}"))
            .Select(x => $"{x.Room}/{x.Type}").Distinct().Order(StringComparer.Ordinal);
        AssertNone(found);
    }

    /// <summary>
    /// Constants are not to be seen in dependencies, but who makes a key or a channel out of text is: nobody else can spell one.
    /// What a script is given as text (the channel to wake receivers by) is looked for in the sources.
    /// </summary>
    [Fact]
    public void Only_the_keyspace_spells_keys_and_channels()
    {
        string[] makers = ["op_Implicit(System.String)", "op_Implicit(System.Byte[])", "Literal(", "Pattern(", "Sharded", ".ctor(",
            "Append(", "Prepend("];
        Assert.DoesNotContain(Transport.Calls(),
            x => x.Room != "Keyspace" && x.Target is "StackExchange.Redis.RedisKey" or "StackExchange.Redis.RedisChannel"
            && Array.Exists(makers, y => x.Method.StartsWith(y, StringComparison.Ordinal)) && x.Room != "Keyspace");

        string[] pieces = ["mt:\"", "\"mt:", ":ready", ":delayed", ":leased", ":messages", ":deliveries", ":meta",
            ":receivers", ":beats", ":history", "lane:", "dedupe:",
            "wake@", "topology@", "probe@"];
        var spelled = Sources.Of("MassTransit.RedisTransport")
            .Where(x => !x.Path.StartsWith("Keyspace/", StringComparison.Ordinal))
            .SelectMany(x => pieces.Where(y => x.Text.Contains(y, StringComparison.Ordinal)).Select(y => $"{x.Path}: {y}"));
        Assert.Empty(spelled);
    }

    /// <summary>Above the engine nobody has a key in hand: queues are asked for by name.</summary>
    [Fact]
    public void The_engine_keeps_its_keys_to_itself()
    {
        var found = Transport.Arrows.Where(x => x.Key.To == "Keyspace" && !IsEngine(x.Key.From)).SelectMany(x => x)
            .Where(x => x.EndsWith(" -> QueueKeys", StringComparison.Ordinal) || x.EndsWith(" -> KeyLayout", StringComparison.Ordinal));
        Assert.Empty(found);
    }

    [Fact]
    public void Every_room_of_the_transport_is_in_the_picture()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));
        Assert.All(Transport.Rooms, x => Assert.Contains(x[(x.LastIndexOf('/') + 1)..], text, StringComparison.Ordinal));
    }

    [Fact]
    public void What_lies_in_a_folder_has_its_namespace_or_is_public()
    {
        var wrong = Transport.Types.Where(x => x.Type.Namespace.FullName is var space
            && space != "MassTransit" && space != $"MassTransit.RedisTransport.{x.Room.Replace('/', '.')}")
                .Select(x => $"{x.Room}: {x.Type.FullName}");
        Assert.Empty(wrong);
    }

    static bool IsEngine(string room) => room is "Diagnostics" or "Scripts" or "Keyspace" or "Addressing" || room.Split('/')[0] == "Broker";

    static bool IsMassTransit(string assembly) =>
        assembly is "MassTransit" or "NewId"
            || (assembly.StartsWith("MassTransit.", StringComparison.Ordinal) && assembly != "MassTransit.RedisTransport");
}
