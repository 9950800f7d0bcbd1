using System.Text.Json;
using MassTransit.Webhooks;

namespace RabbitMq;

/// <summary>Publishes webhooks of several priorities, some of which fail, and counts what became of them.</summary>
sealed class Demonstration(IWebhookQueue webhooks, Journal journal)
{
    const int Count = 500;
    const int FailEvery = 50;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>True where every webhook is accounted for.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        Console.WriteLine($"{Count} webhooks are published with the priorities 0, 5 and 9. Every {FailEvery}th fails.");
        foreach (var priority in Enumerable.Range(0, Count).Select(Create).GroupBy(x => x.Priority))
            await webhooks.EnqueueBatchAsync(priority.Select(x => x.Webhook), priority.Key, cancellationToken);

        const int failing = Count / FailEvery;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        try
        {
            while (journal.Processed < Count - failing || journal.DeadLetters.Count < failing)
                await Task.Delay(TimeSpan.FromMilliseconds(50), timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // Counted below.
        }

        foreach (var (id, (why, _)) in journal.DeadLetters.OrderBy(x => x.Key, StringComparer.Ordinal).Take(3))
            Console.WriteLine($"  dead letter {id}: {why}");
        if (Tracing.AddressOf(journal.DeadLetters.Values.Select(x => x.TraceId).FirstOrDefault()) is { } trace)
            Console.WriteLine($"  the trace of one: {trace}");
        Console.WriteLine("  queues and dead letters: the broker's own page, http://localhost:15672 (its management plugin).");
        await AskForMetricsAsync(cancellationToken);
        var complete = journal.Processed == Count - failing && journal.DeadLetters.Count == failing;
        Console.WriteLine($"{journal.Processed} processed, {journal.DeadLetters.Count} dead-lettered: "
            + $"{(complete ? "every webhook is accounted for" : "NOT all are accounted for")}.");
        return complete;
    }

    async Task AskForMetricsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await webhooks.GetMetricsAsync(cancellationToken);
        }
        catch (NotSupportedException exception)
        {
            Console.WriteLine($"  no metrics: {exception.Message}");
        }
    }

    (Webhook Webhook, int Priority) Create(int number)
    {
        var type = number % FailEvery == 0 ? ShopHooks.Refunds : "order.paid";
        return (new Webhook
        {
            Id = $"{journal.Run}-{number}",
            Receiver = "orders",
            EventType = type,
            ReceivedAt = DateTimeOffset.UtcNow,
            ContentType = "application/json",
            Body = JsonSerializer.SerializeToUtf8Bytes(new { type, data = new { number } }),
        }, (number % 10) switch { 0 => 9, < 4 => 5, _ => 0 });
    }
}
