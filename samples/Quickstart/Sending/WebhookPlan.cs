using Quickstart.Accounting;

namespace Quickstart.Sending;

/// <summary>
/// What is sent: mostly webhooks that succeed, and some of every other fate. Ids hold the run's own id, so that no two runs meet.
/// </summary>
static class WebhookPlan
{
    public const int Count = 4_000;

    /// <summary>Every so many webhooks, one is sent a second time.</summary>
    public const int RepeatEvery = 100;

    public static IReadOnlyList<OutgoingWebhook> Create(Ledger ledger)
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        return [.. Enumerable.Range(0, Count).Select(x => Create(ledger, run, x))];
    }

    static OutgoingWebhook Create(Ledger ledger, string run, int number)
    {
        var fate = FateOf(number);
        var isGitHub = number % 2 == 1;
        var id = isGitHub ? $"{run}-0000-4000-8000-{number:x12}" : $"msg_{run}{number:x12}";
        var (type, body) = isGitHub
            ? fate == Fate.IsDiscarded ? GitHubPayloads.Ping(number) : GitHubPayloads.Create(number)
            : OrderPayloads.Create(number);
        ledger.Expect(id, fate);
        return new OutgoingWebhook(isGitHub ? OutgoingWebhook.GitHub : OutgoingWebhook.Orders, id, type, body, fate);
    }

    static Fate FateOf(int number) => (number % 200) switch
    {
        10 or 11 or 90 or 91 or 150 or 151 => Fate.SucceedsOnRetry,
        20 or 21 or 120 or 121 => Fate.SucceedsOnRedelivery,
        30 => Fate.AsksForLater,
        41 => Fate.IsDiscarded,
        50 or 51 => Fate.BackendDown,
        60 => Fate.IsRejected,
        70 or 71 => Fate.WronglySigned,
        _ => Fate.Succeeds,
    };
}
