using System.Collections.Concurrent;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.Webhooks.Tests.Support;

/// <summary>What a test's processor saw, and what it is told to answer.</summary>
public sealed class Journal
{
    public ConcurrentQueue<WebhookContext> Seen { get; } = new();

    public ConcurrentQueue<string> FaultTypes { get; } = new();

    public ConcurrentQueue<int> Batches { get; } = new();

    public Func<WebhookContext, WebhookResult> Answer { get; set; } = _ => WebhookResult.Success();

    public int Count(string id) => Seen.Count(x => x.Webhook.Id == id);

    public Task SawAsync(int count, string message = "the processor to see them all") =>
        Eventually.TrueAsync(() => Seen.Count >= count, message: message);
}

/// <summary>One by one, by the interface's default.</summary>
public sealed class SingleProcessor(Journal journal) : IWebhookProcessor
{
    public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
    {
        journal.Seen.Enqueue(webhook);
        return Task.FromResult(journal.Answer(webhook));
    }
}

/// <summary>In bulk; an answer that throws makes the whole batch throw.</summary>
public sealed class BulkProcessor(Journal journal) : IWebhookProcessor
{
    public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
        (await ProcessBatchAsync([webhook], cancellationToken))[0];

    public Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch, CancellationToken cancellationToken)
    {
        journal.Batches.Enqueue(batch.Count);
        var results = batch.Select(journal.Answer).ToArray();
        foreach (var webhook in batch)
            journal.Seen.Enqueue(webhook);
        return Task.FromResult<IReadOnlyList<WebhookResult>>(results);
    }
}
