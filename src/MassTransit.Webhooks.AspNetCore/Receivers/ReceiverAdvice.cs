using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Warns of secrets that work but are not safe, at the start and whenever the configuration changes. The warnings never contain a secret.
/// </summary>
internal sealed class ReceiverAdvice(ReceiverRegistry receivers, ReceiverOptionsMonitor options, ILogger<ReceiverAdvice> logger)
    : IHostedService, IDisposable
{
    readonly Lock _lock = new();
    readonly HashSet<string> _logged = new(StringComparer.Ordinal);
    IDisposable? _changes;

    /// <summary>The receivers that have a secret that is too short.</summary>
    public IReadOnlyCollection<string> WithShortSecrets { get; private set; } = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Inspect();
        _changes = options.OnChange((_, _) => Inspect());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _changes?.Dispose();

    void Inspect()
    {
        lock (_lock)
        {
            var secrets = receivers.Definitions.Where(x => x is { Scheme.NeedsSecret: true, SecretProvider: null, TenantStore: null })
                .SelectMany(x => options.Get(x.Name).Secrets, (receiver, secret) => (Receiver: receiver, Secret: secret)).ToArray();
            var weak = secrets.Where(x => !options.Get(x.Receiver.Name).AllowShortSecrets
                    && x.Receiver.Scheme!.CountSecretBytes(x.Secret) < WebhookReceiverOptions.ShortestSecret)
                .Select(x => x.Receiver.Name).Distinct(StringComparer.Ordinal).ToArray();
            WithShortSecrets = weak;
            foreach (var receiver in weak)
            {
                if (_logged.Add(receiver))
                    LogMessages.ShortSecret(logger, receiver, WebhookReceiverOptions.ShortestSecret);
            }

            foreach (var shared in secrets.GroupBy(x => x.Secret, x => x.Receiver.Name, StringComparer.Ordinal))
            {
                var names = shared.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
                if (names.Length > 1 && _logged.Add(string.Join('/', names)))
                    LogMessages.SharedSecret(logger, string.Join(", ", names));
            }
        }
    }
}
