using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// The memory that bodies may take before it is known who sent them. It grows with what has come, not with what was announced, and a quarter of it
/// is out of reach for large ones: who fills it with large bodies does not keep small ones out.
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

    /// <param name="held">What the body holds already.</param>
    /// <param name="more">What it wants beside it.</param>
    public bool TryTake(long held, int more)
    {
        var limit = held + more <= SmallBody ? _limit : _limit - _limit / 4;
        var used = Interlocked.Add(ref _used, more);
        // One that is alone is taken however long it is: its receiver's limit bounds it.
        if (used <= limit || used == held + more)
            return true;
        Interlocked.Add(ref _used, -more);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _used, -bytes);
}
