using System.Collections.Concurrent;

namespace MassTransit.Webhooks;

/// <summary>The counters of every processor in this process.</summary>
internal sealed class WebhookStatistics(TimeProvider? time = null) : IWebhookStatistics
{
    readonly TimeProvider _time = time ?? TimeProvider.System;
    readonly ConcurrentDictionary<string, ProcessorCounters> _counters = new(StringComparer.Ordinal);

    public ProcessorCounters Of(string processor) => _counters.GetOrAdd(processor, x => new ProcessorCounters(x, _time));

    public IReadOnlyList<WebhookProcessorStatistics> Read() =>
        [.. _counters.OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => x.Value.Read())];
}
