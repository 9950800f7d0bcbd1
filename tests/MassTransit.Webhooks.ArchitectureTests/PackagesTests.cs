using System.Reflection;
using MassTransit.RedisTransport.Testing;
using Xunit.Abstractions;
using static MassTransit.Webhooks.ArchitectureTests.Floors;

namespace MassTransit.Webhooks.ArchitectureTests;

/// <summary>Which package knows which, and the rooms of MassTransit.Webhooks: see docs/architecture.md.</summary>
public sealed class PackagesTests(ITestOutputHelper output)
{
    static readonly Floors Webhooks = new(
        ["Contracts"],
        ["Bundles", "Diagnostics"],
        ["Transports"],
        ["DeadLetters", "Publishing"],
        ["Processing"],
        ["Health"],
        ["Configuration"]);

    static readonly Floors AspNetCore = new(
        ["Schemes"],
        ["Answers", "Schemes/Senders", "Testing"],
        ["Diagnostics"],
        ["Deduplication", "Receivers"],
        ["Ingress"],
        ["Configuration"]);

    static readonly Floors Dashboard = new(
        ["Assets", "Diagnostics", "Markup"],
        ["Access", "Payloads"],
        ["Reading"],
        ["Pages"],
        ["Endpoints"],
        ["Configuration"]);

    static readonly Floors Tool = new(
        ["Outcomes", "Output"],
        ["Configuration"],
        ["CommandLine"],
        ["Signing"],
        ["Verbs/Dead", "Verbs/Operations", "Verbs/Queues", "Verbs/Senders", "Verbs/Shell"],
        ["Verbs"],
        [""]);

    public static TheoryData<string, string[]> References => new()
    {
        { "MassTransit.RedisTransport", [] },
        { "MassTransit.RedisTransport.Dashboard", ["MassTransit.RedisTransport"] },
        {
            "MassTransit.RedisTransport.Tool",
            ["MassTransit.RedisTransport", "MassTransit.Webhooks", "MassTransit.Webhooks.AspNetCore", "MassTransit.Webhooks.Redis"]
        },
        { "MassTransit.Webhooks", [] },
        { "MassTransit.Webhooks.AspNetCore", ["MassTransit.Webhooks"] },
        { "MassTransit.Webhooks.Embedded", [] },
        { "MassTransit.Webhooks.OpenTelemetry", [] },
        { "MassTransit.Webhooks.RabbitMq", ["MassTransit.Webhooks"] },
        { "MassTransit.Webhooks.Redis", ["MassTransit.RedisTransport", "MassTransit.Webhooks"] },
    };

    [Theory]
    [MemberData(nameof(References))]
    public void A_package_knows_only_the_packages_it_is_drawn_with(string package, string[] known)
    {
        var ours = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName)
            .ToHashSet(StringComparer.Ordinal);
        var references = Assembly.Load(package).GetReferencedAssemblies().Select(x => x.Name).Where(ours.Contains)
            .Order(StringComparer.Ordinal);
        Assert.Equal(known, references);
    }

    [Fact]
    public void Every_package_is_drawn()
    {
        var packages = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"))
            .Where(x => Directory.EnumerateFiles(x, "*.csproj").Any()).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(References.Select(x => (string)x[0]).Order(StringComparer.Ordinal), packages);
    }

    [Fact]
    public void Every_arrow_between_rooms_of_webhooks_leads_downwards() => AssertDownwards("MassTransit.Webhooks", Webhooks);

    [Fact]
    public void Every_arrow_between_rooms_of_the_ingress_leads_downwards() =>
        AssertDownwards("MassTransit.Webhooks.AspNetCore", AspNetCore);

    [Fact]
    public void Every_arrow_between_rooms_of_the_dashboard_leads_downwards() =>
        AssertDownwards("MassTransit.RedisTransport.Dashboard", Dashboard);

    [Fact]
    public void Every_arrow_between_rooms_of_the_tool_leads_downwards() => AssertDownwards("MassTransit.RedisTransport.Tool", Tool);

    void AssertDownwards(string name, Floors picture)
    {
        var package = PackageOf(name);
        output.WriteLine(package.Describe());
        Assert.Empty(package.Rooms.Except(picture.Rooms));
        AssertNone(picture.Violations(package));
        AssertNone(Circles(package));
    }
}
