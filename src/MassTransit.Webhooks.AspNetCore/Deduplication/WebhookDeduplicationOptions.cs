namespace MassTransit.Webhooks.AspNetCore;

/// <summary>How long requests wait for the store of known webhooks.</summary>
public sealed class WebhookDeduplicationOptions
{
    /// <summary>
    /// How long one request waits for the store in total; after that the webhook is accepted without it. Default 500 ms, because Slack
    /// waits only 3 s for the whole request. After three failures in a row no request waits at all, until the store, which is asked once a
    /// second, has answered again. Longer: a store that hangs delays the first requests for longer. Shorter: a busy store counts as failed,
    /// and repeats are published again.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The errors, each with the option, its value and the cure.</summary>
    internal IEnumerable<(string Option, string Problem)> Problems()
    {
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromMinutes(1))
            yield return (nameof(Timeout), $"is {Timeout}: use more than 0, and at most 1 minute");
    }
}
