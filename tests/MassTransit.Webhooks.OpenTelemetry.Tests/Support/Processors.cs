namespace MassTransit.Webhooks.OpenTelemetry.Tests.Support;

/// <summary>Answers for each webhook alone.</summary>
sealed class OneByOne(Func<WebhookContext, WebhookResult> answer) : IWebhookProcessor
{
    int _seen;

    public Func<WebhookContext, WebhookResult> Answer { get; set; } = answer;

    public int Seen => _seen;

    public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _seen);
        return Task.FromResult(Answer(webhook));
    }
}

/// <summary>Answers for the whole batch.</summary>
sealed class Bulk(Func<IReadOnlyList<WebhookContext>, IReadOnlyList<WebhookResult>> answer) : IWebhookProcessor
{
    public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
        Task.FromResult(answer([webhook])[0]);

    public Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch, CancellationToken cancellationToken) =>
        Task.FromResult(answer(batch));
}
