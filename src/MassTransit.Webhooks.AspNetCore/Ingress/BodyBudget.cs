using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Limits the memory of bodies that are not verified yet. It counts the bytes that have arrived, not the announced length. A quarter of it
/// is reserved for small bodies, so that large bodies cannot keep them out.
/// </summary>
internal sealed class BodyBudget
{
    const int SmallBody = 16 * 1024;

    readonly long _limit;
    long _used;

    public BodyBudget(IOptions<WebhookIngressOptions> options, IngressMetrics metrics)
    {
        _limit = options.Value.MaxUnverifiedBytes;
        metrics.ShowUnverified(() => Used);
    }

    public long Used => Interlocked.Read(ref _used);

    /// <param name="held">The bytes that the body already holds.</param>
    /// <param name="more">The further bytes that it needs.</param>
    public bool TryTake(long held, int more)
    {
        var limit = held + more <= SmallBody ? _limit : _limit - _limit / 4;
        var used = Interlocked.Add(ref _used, more);
        // A body that is alone is always accepted. Its receiver's limit bounds it.
        if (used <= limit || used == held + more)
            return true;
        Interlocked.Add(ref _used, -more);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _used, -bytes);
}
