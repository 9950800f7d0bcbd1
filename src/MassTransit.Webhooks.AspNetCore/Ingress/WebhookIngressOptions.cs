namespace MassTransit.Webhooks.AspNetCore;

/// <summary>What all receivers of a process share: how much of a stranger's is held, and for how long.</summary>
public sealed class WebhookIngressOptions
{
    const int LeastBytes = 64 * 1024;
    static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    /// <summary>
    /// How many bytes of bodies that are not verified yet are held in memory, of all receivers together. Default 64 MiB; a quarter of it
    /// is kept for bodies up to 16 KiB. Above it senders are asked to try again (503, <c>Retry-After</c>). More: strangers can make the process take
    /// that much. Less: fewer large webhooks at a time; it should be several times the largest <see cref="WebhookReceiverOptions.MaxBodyBytes"/>.
    /// One body alone is always taken.
    /// </summary>
    public long MaxUnverifiedBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How long a body may take to come, from the first look at it to its last byte; then the answer is 408. Default 10 s, which is what senders
    /// wait for an answer. Longer: strangers hold connections and memory for longer. Shorter: large webhooks over slow lines are refused.
    /// </summary>
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>With which limits no webhook could be taken in, each with the option, its value and the cure.</summary>
    internal IEnumerable<(string Option, string Problem)> Problems()
    {
        if (MaxUnverifiedBytes < LeastBytes)
            yield return (nameof(MaxUnverifiedBytes), $"is {MaxUnverifiedBytes}: use at least {LeastBytes}");
        if (BodyTimeout <= TimeSpan.Zero || BodyTimeout > LongestTimeout)
            yield return (nameof(BodyTimeout), $"is {BodyTimeout}: use more than 0, and at most {LongestTimeout}");
    }
}
