using System.Text;
using MassTransit.Webhooks;
using Quickstart.Accounting;
using Quickstart.Sending;

namespace Quickstart;

/// <summary>Sends one more webhook, which fails and stays a dead letter, so that there is something to look at.</summary>
sealed class LastExample(Ledger ledger, IWebhookDeadLetters deadLetters)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <returns>The dead letter; <c>null</c> if there is none in time.</returns>
    public async Task<WebhookDeadLetter?> SendAsync(Uri ingress, CancellationToken cancellationToken)
    {
        var id = $"msg_{Guid.NewGuid():N}";
        ledger.Expect(id, Fate.StaysDead);
        using var sender = new WebhookSender(ingress, ledger);
        var body = Encoding.UTF8.GetBytes("""{"type":"order.refunded","data":{"order":"4711","amount":12.50}}""");
        await sender.SendAsync([new OutgoingWebhook(OutgoingWebhook.Orders, id, "order.refunded", body, Fate.StaysDead)],
            cancellationToken);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        try
        {
            while (true)
            {
                var page = await deadLetters.ListAsync(QuickstartApp.Queue, cancellationToken: timeout.Token);
                if (page.Entries.FirstOrDefault(x => x.Webhook?.Id == id) is { } letter)
                    return letter;
                await Task.Delay(Poll, timeout.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
