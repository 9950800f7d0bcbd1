using MassTransit.Webhooks;

namespace Quickstart.Processing;

/// <summary>Tells of webhooks that come while the quickstart only listens.</summary>
public sealed class Visitors
{
    volatile bool _open;

    public void Open() => _open = true;

    public void Tell(Webhook webhook)
    {
        if (_open)
            Console.WriteLine($"Processed {webhook.EventType} of {webhook.Receiver}, id {webhook.Id}, {webhook.Body.Length} bytes.");
    }
}
