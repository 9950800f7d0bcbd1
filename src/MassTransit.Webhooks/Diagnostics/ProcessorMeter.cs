namespace MassTransit.Webhooks.Diagnostics;

/// <summary>Records the metrics of one processor. It allocates nothing for a receiver and a tenant that it already knows.</summary>
internal sealed class ProcessorMeter(string processor, IWorkerFigures workers) : IDisposable
{
    readonly BoundedNames _receivers = new(WebhookMeter.MaxReceivers);
    readonly BoundedNames _tenants = new(WebhookMeter.MaxTenants);

    public IWorkerFigures Workers { get; } = workers;

    public KeyValuePair<string, object?> Tag { get; } = new("processor", processor);

    public static ProcessorMeter Start(string processor, IWorkerFigures workers)
    {
        var meter = new ProcessorMeter(processor, workers);
        WebhookMeter.Watch(meter);
        return meter;
    }

    public void Dispose() => WebhookMeter.Unwatch(this);

    public void Batch(int webhooks, TimeSpan processing)
    {
        if (WebhookMeter.BatchSize.Enabled)
            WebhookMeter.BatchSize.Record(webhooks, Tag);
        if (WebhookMeter.ProcessingDuration.Enabled)
            WebhookMeter.ProcessingDuration.Record(processing.TotalSeconds, Tag);
    }

    public void Processed(Webhook webhook, WebhookStatus status, TimeSpan latency)
    {
        var counts = WebhookMeter.Results.Enabled;
        var measures = WebhookMeter.Latency.Enabled && webhook.ReceivedAt > DateTimeOffset.UnixEpoch;
        if (counts || measures)
        {
            var receiver = new KeyValuePair<string, object?>("receiver", _receivers.Of(webhook.Receiver));
            if (counts)
                WebhookMeter.Results.Add(1, Tag, receiver, new("status", status.ToName()));
            if (measures)
                WebhookMeter.Latency.Record(latency.TotalSeconds, Tag, receiver);
        }

        if (webhook.Tenant is { } tenant && WebhookMeter.TenantResults.Enabled)
            WebhookMeter.TenantResults.Add(1, Tag, new("tenant", _tenants.Of(tenant)), new("status", status.ToName()));
    }

    public void Scaled(string decision)
    {
        if (WebhookMeter.ScaleDecisions.Enabled)
            WebhookMeter.ScaleDecisions.Add(1, Tag, new("decision", decision));
    }
}
