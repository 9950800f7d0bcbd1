namespace MassTransit.Webhooks.AspNetCore;

/// <summary>How long requests wait for the store of known webhooks.</summary>
public sealed class WebhookDeduplicationOptions
{
    /// <summary>
    /// How long one request waits for the store in all. Default 500 ms: Slack waits 3 s for everything. Then the webhook is taken without it.
    /// After three failures in a row no request waits at all, until the store has answered again: it is asked once a second.
    /// Longer: a store that hangs costs the first requests more. Shorter: a busy one is taken for one that hangs, and repeats are published again.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What is wrong, each with the option, its value and the cure.</summary>
    internal IEnumerable<(string Option, string Problem)> Problems()
    {
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromMinutes(1))
            yield return (nameof(Timeout), $"is {Timeout}: use more than 0, and at most 1 minute");
    }
}
