using System.Diagnostics;
using OpenTelemetry;

namespace MassTransit.Webhooks.OpenTelemetry;

/// <summary>
/// MassTransit names operations and ids by an older convention. Its spans get today's names beside them, on every transport
/// and for every consumer, so that a query finds all by the same attributes.
/// </summary>
internal sealed class MassTransitConventions : BaseProcessor<Activity>
{
    const string System = "messaging.system";
    const string Operation = "messaging.operation";
    const string Destination = "messaging.destination.name";

    public override void OnStart(Activity data)
    {
        if (!data.IsAllDataRequested || data.Source.Name != TelemetrySources.MassTransit || data.GetTagItem(Operation) is not string operation)
            return;

        data.SetTag("messaging.operation.name", operation);
        data.SetTag("messaging.operation.type", operation);
        if (data.GetTagItem("messaging.message.id") is null && data.GetTagItem("messaging.masstransit.message_id") is { } messageId)
            data.SetTag("messaging.message.id", messageId);

        // A receive span says so by its address, a consumer's span is the child of one.
        if (data.GetTagItem(System) is null)
            data.SetTag(System, SystemOf(data.GetTagItem("messaging.masstransit.input_address") as string) ?? data.Parent?.GetTagItem(System));
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
