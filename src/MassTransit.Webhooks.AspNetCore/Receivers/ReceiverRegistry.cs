using System.Threading.RateLimiting;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The receivers by name, each with its rate limiter and what is known of its tenants.</summary>
internal sealed class ReceiverRegistry : IDisposable
{
    readonly Dictionary<string, Receiver> _receivers;

    public ReceiverRegistry(IEnumerable<ReceiverDefinition> definitions, TimeProvider time) =>
        _receivers = definitions.ToDictionary(x => x.Name,
            x => new Receiver(x, x.RateLimiter?.Invoke(), x.TenantStore is null ? null : new TenantCache(time)),
            StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ReceiverDefinition> Definitions => _receivers.Values.Select(x => x.Definition);

    public Receiver? Find(string? name) => name is not null && _receivers.TryGetValue(name, out var receiver) ? receiver : null;

    public void Dispose()
    {
        foreach (var receiver in _receivers.Values)
            receiver.Limiter?.Dispose();
    }

    public sealed record Receiver(ReceiverDefinition Definition, RateLimiter? Limiter, TenantCache? Tenants);
}
