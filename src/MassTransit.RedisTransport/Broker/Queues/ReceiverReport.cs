using System.Buffers;
using System.Text.Json;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>
/// What a receiver says of itself with each beat, stored as JSON beside the queue. Fields that a version does not know are passed over, and
/// those that another version does not write are unknown.
/// </summary>
internal sealed record ReceiverReport
{
    /// <summary>
    /// The version of what receivers and operators tell each other through a queue. 1: obeys pause, limit, rate and workers as
    /// <c>lease.lua</c> reports them.
    /// </summary>
    public const int CurrentProtocol = 1;

    /// <summary>The longest text that is stored or read, so that a strange name of a host does no harm.</summary>
    const int MaxText = 100;

    public int Protocol { get; init; }

    public string Version { get; init; } = "";

    public string Host { get; init; } = "";

    public string? Pod { get; init; }

    public string Process { get; init; } = "";

    public int ProcessId { get; init; }

    /// <summary>How long it has been receiving. With the time of the beat it says since when, by the server's clock.</summary>
    public TimeSpan Uptime { get; init; }

    public int Prefetch { get; init; }

    /// <summary>Messages that it holds: waiting in its memory, at work, or being acknowledged.</summary>
    public int Held { get; init; }

    /// <summary>Messages that it got per second, since the beat before.</summary>
    public double InRate { get; init; }

    /// <summary>Messages that it has acknowledged per second, since the beat before.</summary>
    public double OutRate { get; init; }

    public int ActiveWorkers { get; init; }

    public int WorkerLimit { get; init; }

    /// <summary>The number of workers in code; with automatic scaling the largest one.</summary>
    public int ConfiguredWorkers { get; init; }

    /// <summary>Batches that wait for a worker; <c>null</c> without a processor.</summary>
    public int? WaitingBatches { get; init; }

    /// <summary>From received to processed; <c>null</c> without a processor.</summary>
    public TimeSpan? MedianLatency { get; init; }

    public TimeSpan? Percentile99Latency { get; init; }

    /// <summary>The last version of the queue's control that it obeys.</summary>
    public long ControlVersion { get; init; }

    public ReadOnlyMemory<byte> Write()
    {
        var buffer = new ArrayBufferWriter<byte>(384);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("protocol", Protocol);
            json.WriteString("version", Bounded(Version));
            json.WriteString("host", Bounded(Host));
            if (Pod is { Length: > 0 } pod)
                json.WriteString("pod", Bounded(pod));
            json.WriteString("process", Bounded(Process));
            json.WriteNumber("pid", ProcessId);
            json.WriteNumber("up", (long)Uptime.TotalMilliseconds);
            json.WriteNumber("prefetch", Prefetch);
            json.WriteNumber("held", Held);
            json.WriteNumber("in", Math.Round(InRate, 1));
            json.WriteNumber("out", Math.Round(OutRate, 1));
            json.WriteNumber("active", ActiveWorkers);
            json.WriteNumber("limit", WorkerLimit);
            json.WriteNumber("configured", ConfiguredWorkers);
            if (WaitingBatches is { } waiting)
                json.WriteNumber("waiting", waiting);
            if (MedianLatency is { } median)
                json.WriteNumber("p50", Math.Round(median.TotalMilliseconds, 1));
            if (Percentile99Latency is { } percentile)
                json.WriteNumber("p99", Math.Round(percentile.TotalMilliseconds, 1));
            json.WriteNumber("control", ControlVersion);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Returns a report without figures for a text that cannot be read.</summary>
    public static ReceiverReport Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return new ReceiverReport();

            return new ReceiverReport
            {
                Protocol = (int)(Number(root, "protocol", int.MaxValue) ?? 0),
                Version = Text(root, "version") ?? "",
                Host = Text(root, "host") ?? "",
                Pod = Text(root, "pod"),
                Process = Text(root, "process") ?? "",
                ProcessId = (int)(Number(root, "pid", int.MaxValue) ?? 0),
                Uptime = Time(root, "up") ?? TimeSpan.Zero,
                Prefetch = (int)(Number(root, "prefetch", int.MaxValue) ?? 0),
                Held = (int)(Number(root, "held", int.MaxValue) ?? 0),
                InRate = Number(root, "in", 1e12) ?? 0,
                OutRate = Number(root, "out", 1e12) ?? 0,
                ActiveWorkers = (int)(Number(root, "active", int.MaxValue) ?? 0),
                WorkerLimit = (int)(Number(root, "limit", int.MaxValue) ?? 0),
                ConfiguredWorkers = (int)(Number(root, "configured", int.MaxValue) ?? 0),
                WaitingBatches = (int?)Number(root, "waiting", int.MaxValue),
                MedianLatency = Time(root, "p50"),
                Percentile99Latency = Time(root, "p99"),
                ControlVersion = (long)(Number(root, "control", long.MaxValue / 2) ?? 0),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return new ReceiverReport();
        }
    }

    static string Bounded(string text) => text.Length <= MaxText ? text : text[..MaxText];

    static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? Bounded(text) : null;

    static double? Number(JsonElement root, string name, double most) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
            ? Math.Clamp(number, 0, most) : null;

    static TimeSpan? Time(JsonElement root, string name) =>
        Number(root, name, TimeSpan.FromDays(36_500).TotalMilliseconds) is { } milliseconds
            ? TimeSpan.FromMilliseconds(milliseconds) : null;
}
