using System.Net;
using Quickstart.Accounting;

namespace Quickstart.Sending;

/// <summary>Sends webhooks as their senders do: over HTTP, several at a time, again where the ingress asks for it.</summary>
sealed class WebhookSender(Uri ingress, Ledger ledger) : IDisposable
{
    const int Connections = 32;
    const int Attempts = 6;

    readonly HttpClient _client =
        new(new SocketsHttpHandler { MaxConnectionsPerServer = Connections, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public Task SendAsync(IEnumerable<OutgoingWebhook> webhooks, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Connections, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(webhooks.Index(), options, async (item, token) =>
        {
            var (index, webhook) = item;
            ledger.Answer(webhook.Id, await SendAsync(webhook, token));
            // Senders repeat what they believe has not arrived.
            if (index % WebhookPlan.RepeatEvery == 0)
                ledger.Find(webhook.Id)?.RepeatAnswered(await SendAsync(webhook, token));
        });
    }

    public void Dispose() => _client.Dispose();

    /// <returns>The status of the last answer; 0 where there was none.</returns>
    async Task<int> SendAsync(OutgoingWebhook webhook, CancellationToken cancellationToken)
    {
        var status = 0;
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            if (attempt > 1)
                await Task.Delay(TimeSpan.FromSeconds(attempt), cancellationToken);
            try
            {
                using var request = webhook.ToRequest(ingress);
                using var response = await _client.SendAsync(request, cancellationToken);
                status = (int)response.StatusCode;
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
                    break;
            }
            catch (Exception exception)
                when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // No answer is a reason to try again, as an answer of 503 is.
            }
        }

        return status;
    }
}
