using System.Diagnostics;
using OpenTelemetry;

namespace MassTransit.Webhooks.OpenTelemetry;

/// <summary>
/// Adds the current semantic conventions' attributes to the spans of MassTransit, which names operations and ids by an older convention.
/// This is done on every transport and for every consumer, so that one query finds them all.
/// </summary>
internal sealed class MassTransitConventions : BaseProcessor<Activity>
{
    const string System = "messaging.system";
    const string Operation = "messaging.operation";
    const string Destination = "messaging.destination.name";

    public override void OnStart(Activity data)
    {
        if (!data.IsAllDataRequested || data.Source.Name != TelemetrySources.MassTransit
            || data.GetTagItem(Operation) is not string operation)
            return;

        data.SetTag("messaging.operation.name", operation);
        data.SetTag("messaging.operation.type", operation);
        if (data.GetTagItem("messaging.message.id") is null && data.GetTagItem("messaging.masstransit.message_id") is { } messageId)
            data.SetTag("messaging.message.id", messageId);

        // A receive span tells the system by its address. A consumer's span is a child of a receive span and takes the value from it.
        if (data.GetTagItem(System) is null)
            data.SetTag(System,
                SystemOf(data.GetTagItem("messaging.masstransit.input_address") as string) ?? data.Parent?.GetTagItem(System));
        if (data.GetTagItem(Destination) is null)
            data.SetTag(Destination, data.Parent?.GetTagItem(Destination));
    }

    static string? SystemOf(string? address) => address?[..Math.Max(0, address.IndexOf(':', StringComparison.Ordinal))] switch
    {
        "redis" or "rediss" => "redis",
        "rabbitmq" or "rabbitmqs" or "amqp" or "amqps" => "rabbitmq",
        "loopback" => "in_memory",
        _ => null,
    };
}
