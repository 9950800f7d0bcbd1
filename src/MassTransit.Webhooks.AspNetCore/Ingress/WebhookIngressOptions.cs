namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Limits that all receivers of a process share: how many unverified bytes are held, and for how long.</summary>
public sealed class WebhookIngressOptions
{
    const int LeastBytes = 64 * 1024;
    static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    /// <summary>
    /// How many bytes of bodies that are not verified yet are held in memory, for all receivers together. Default 64 MiB; a quarter of it
    /// is reserved for bodies up to 16 KiB. Beyond the limit senders are asked to try again (503, <c>Retry-After</c>). More: unknown
    /// senders can make the process use that much memory. Less: fewer large webhooks at a time; set it to several times the largest
    /// <see cref="WebhookReceiverOptions.MaxBodyBytes"/>. A single body is always accepted.
    /// </summary>
    public long MaxUnverifiedBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How long a body may take to arrive, from the first read to its last byte; after that the answer is 408. Default 10 s, which is how
    /// long senders wait for an answer. Longer: unknown senders can hold connections and memory for longer. Shorter: large webhooks over
    /// slow connections are refused.
    /// </summary>
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The errors of limits that would let no webhook in, each with the option, its value and the cure.</summary>
    internal IEnumerable<(string Option, string Problem)> Problems()
    {
        if (MaxUnverifiedBytes < LeastBytes)
            yield return (nameof(MaxUnverifiedBytes), $"is {MaxUnverifiedBytes}: use at least {LeastBytes}");
        if (BodyTimeout <= TimeSpan.Zero || BodyTimeout > LongestTimeout)
            yield return (nameof(BodyTimeout), $"is {BodyTimeout}: use more than 0, and at most {LongestTimeout}");
    }
}
