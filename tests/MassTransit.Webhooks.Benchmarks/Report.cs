using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace MassTransit.Webhooks.Benchmarks;

/// <summary>States the machine, prints tables as Markdown, and writes everything as JSON.</summary>
internal sealed class Report(Servers servers)
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    readonly List<(string Scenario, Measurement Measurement)> _all = [];

    public void Start()
    {
        Console.WriteLine(
            $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
        Console.WriteLine($"RabbitMQ: {(servers.RabbitMq.IsAvailable ? "a broker on this machine" : servers.RabbitMq.Reason)}");
    }

    public void Add(string scenario, IReadOnlyList<Measurement> measurements)
    {
        Console.WriteLine("| what | setting | value | unit | ratio |");
        Console.WriteLine("|---|---|---:|---|---:|");
        foreach (var measurement in measurements)
        {
            var peer = measurement.Peer is null
                ? null : measurements.FirstOrDefault(x => x.Subject == measurement.Peer && x.Setting == measurement.Setting);
            var ratio = peer is null ? "" : $"{measurement.Value / peer.Value:0.00}x {peer.Subject}";
            Console.WriteLine(
                $"| {measurement.Subject} | {measurement.Setting} | {Round(measurement.Value)} | {measurement.Unit} | {ratio} |");
            _all.Add((scenario, measurement));
        }
    }

    /// <summary>Three figures that mean something; a rate of 200,000 has no tenths.</summary>
    static string Round(double value) =>
        value.ToString(Math.Abs(value) switch { < 10 => "N2", < 1_000 => "N1", _ => "N0" }, CultureInfo.InvariantCulture);

    public async Task WriteAsync(string path)
    {
        var result = new
        {
            Environment.ProcessorCount,
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription,
            Results = _all.Select(x =>
                new { x.Scenario, x.Measurement.Subject, x.Measurement.Setting, x.Measurement.Value, x.Measurement.Unit }),
        };
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(result, Indented));
    }
}
