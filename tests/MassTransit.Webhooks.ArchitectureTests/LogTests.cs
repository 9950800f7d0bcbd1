using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.ArchitectureTests;

/// <summary>Operators filter and alert by the numbers of log lines: see docs/operations.md.</summary>
public sealed partial class LogTests
{
    const BindingFlags All = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    static readonly string[] Packages =
    [
        "MassTransit.RedisTransport", "MassTransit.RedisTransport.Dashboard", "MassTransit.Webhooks", "MassTransit.Webhooks.AspNetCore",
    ];

    [Theory]
    [InlineData("MassTransit.RedisTransport", 1, 99)]
    [InlineData("MassTransit.RedisTransport.Dashboard", 400, 419)]
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

    [Fact]
    public void Every_number_lies_in_a_range_of_the_documentation()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));
        var ranges = Range().Matches(page[page.IndexOf("## Numbers of log lines", StringComparison.Ordinal)..])
            .Select(x => (First: int.Parse(x.Groups[1].Value, CultureInfo.InvariantCulture),
                Last: int.Parse(x.Groups[2].Value, CultureInfo.InvariantCulture))).ToArray();

        Assert.NotEmpty(ranges);
        Assert.All(Packages.SelectMany(Lines), x => Assert.Contains(ranges, range => range.First <= x.EventId && x.EventId <= range.Last));
    }

    [GeneratedRegex(@"\| (\d+) to (\d+) \|")]
    private static partial Regex Range();

    static IEnumerable<LoggerMessageAttribute> Lines(string package)
    {
        var lines = Assembly.Load(package).GetTypes().SelectMany(x => x.GetMethods(All))
            .Select(x => x.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>().ToArray();
        Assert.NotEmpty(lines);
        return lines;
    }
}
