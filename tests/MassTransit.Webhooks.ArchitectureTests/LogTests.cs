using System.Reflection;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.ArchitectureTests;

/// <summary>Operators filter and alert by the numbers of log lines: see docs/operations.md.</summary>
public sealed class LogTests
{
    const BindingFlags All = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    static readonly string[] Packages = ["MassTransit.RedisTransport", "MassTransit.Webhooks", "MassTransit.Webhooks.AspNetCore"];

    [Theory]
    [InlineData("MassTransit.Webhooks", 100, 139)]
    [InlineData("MassTransit.Webhooks.AspNetCore", 300, 359)]
    public void Numbers_of_a_package_lie_in_its_range(string package, int first, int last) =>
        Assert.All(Lines(package), x => Assert.InRange(x.EventId, first, last));

    [Fact]
    public void No_number_is_given_twice_and_every_line_has_one()
    {
        var lines = Packages.SelectMany(Lines).ToArray();
        Assert.Equal(lines.Length, lines.Select(x => x.EventId).Distinct().Count());
        Assert.DoesNotContain(lines, x => x.EventId <= 0);
    }

    static IEnumerable<LoggerMessageAttribute> Lines(string package)
    {
        var lines = Assembly.Load(package).GetTypes().SelectMany(x => x.GetMethods(All))
            .Select(x => x.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>().ToArray();
        Assert.NotEmpty(lines);
        return lines;
    }
}
