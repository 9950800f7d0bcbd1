using MassTransit.Webhooks;
using Quickstart.Accounting;

namespace Quickstart.Processing;

/// <summary>
/// Stands for the database or service behind the processor. It fails for the webhooks that shall fail, until it is repaired.
/// </summary>
public sealed class Backend(Ledger ledger)
{
    volatile bool _repaired;

    public void Repair() => _repaired = true;

    /// <summary>One round trip for a whole batch, and an outcome for each webhook.</summary>
    public async Task<IReadOnlyList<WebhookResult>> StoreAsync(IReadOnlyList<WebhookContext> batch, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(2), cancellationToken);
        return [.. batch.Select(Store)];
    }

    WebhookResult Store(WebhookContext context)
    {
        var fate = ledger.Find(context.Webhook.Id)?.Fate ?? Fate.Succeeds;
        if (_repaired && fate != Fate.StaysDead)
            fate = Fate.Succeeds;
        return fate switch
        {
            Fate.SucceedsOnRetry when context is { Attempt: 0, RedeliveryCount: 0 } => TimedOut(),
            Fate.SucceedsOnRedelivery when context.RedeliveryCount == 0 => TimedOut(),
            Fate.AsksForLater when context.RedeliveryCount == 0 =>
                WebhookResult.Retry(TimeSpan.FromMilliseconds(300), "The partner's limit is reached."),
            Fate.BackendDown => TimedOut(),
            Fate.StaysDead => WebhookResult.Fail("The order is not known."),
            Fate.IsRejected => WebhookResult.Fail("The customer is not known yet."),
            _ => WebhookResult.Success(),
        };
    }

    static WebhookResult TimedOut() => WebhookResult.FromException(new TimeoutException("The backend did not answer."));
}
