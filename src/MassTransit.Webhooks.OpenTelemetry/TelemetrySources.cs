namespace MassTransit.Webhooks.OpenTelemetry;

/// <summary>
/// The names of the activity sources and meters that are collected. They are given by name, because an application may use any of these
/// packages without the others.
/// </summary>
internal static class TelemetrySources
{
    public const string MassTransit = "MassTransit";

    public static readonly string[] Activities = [MassTransit, "MassTransit.RedisTransport", "MassTransit.Webhooks"];

    public static readonly string[] Meters = [MassTransit, "MassTransit.RedisTransport", "MassTransit.Webhooks"];
}
