namespace MassTransit.Webhooks;

/// <summary>Implements the dead letters of a transport that cannot inspect a queue. Every call throws.</summary>
internal sealed class UnsupportedDeadLetters(IWebhookTransport transport) : IWebhookDeadLetters
{
    public Task<IReadOnlyList<WebhookDeadLetterQueue>> ListQueuesAsync(CancellationToken cancellationToken = default) =>
        throw Unsupported();

    public Task<WebhookDeadLetterPage> ListAsync(string queue, WebhookDeadLetterFilter? filter = null, int limit = 100,
        string? after = null,
        CancellationToken cancellationToken = default) => throw Unsupported();

    public Task<WebhookDeadLetter?> GetAsync(string queue, string key, CancellationToken cancellationToken = default) =>
        throw Unsupported();

    public Task<long> ReplayAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) =>
        throw Unsupported();

    public Task<long> ReplayAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default) =>
        throw Unsupported();

    public Task<long> ReplayAllAsync(string queue, CancellationToken cancellationToken = default) => throw Unsupported();

    public Task<long> PurgeAsync(string queue, IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default) =>
        throw Unsupported();

    public Task<long> PurgeAsync(string queue, WebhookDeadLetterFilter filter, CancellationToken cancellationToken = default) =>
        throw Unsupported();

    public Task<long> PurgeAllAsync(string queue, CancellationToken cancellationToken = default) => throw Unsupported();

    NotSupportedException Unsupported() => UnsupportedInspection.Of(transport, "list, replay or purge dead letters");
}
