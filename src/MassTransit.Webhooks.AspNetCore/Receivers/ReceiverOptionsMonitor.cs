using System.Collections.Concurrent;
using MassTransit.Webhooks.AspNetCore.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Monitors the options of the receivers. After an invalid change of the configuration the last valid options stay in force until a later
/// change is valid. .NET's own monitor drops the valid options before it validates the new ones, and throws from then on
/// (dotnet/runtime#44381).
/// </summary>
internal sealed class ReceiverOptionsMonitor : IOptionsMonitor<WebhookReceiverOptions>, IDisposable
{
    readonly IOptionsFactory<WebhookReceiverOptions> _factory;
    readonly ILogger<ReceiverOptionsMonitor> _logger;
    readonly ConcurrentDictionary<string, WebhookReceiverOptions> _good = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, string> _refused = new(StringComparer.Ordinal);
    readonly List<IDisposable> _registrations = [];
    readonly Lock _lock = new();
    event Action<WebhookReceiverOptions, string?>? Changed;

    public ReceiverOptionsMonitor(
        IOptionsFactory<WebhookReceiverOptions> factory, IEnumerable<IOptionsChangeTokenSource<WebhookReceiverOptions>> sources,
        ILogger<ReceiverOptionsMonitor> logger)
    {
        (_factory, _logger) = (factory, logger);
        foreach (var source in sources)
            _registrations.Add(ChangeToken.OnChange(source.GetChangeToken, Reload, source.Name ?? Options.DefaultName));
    }

    public WebhookReceiverOptions CurrentValue => Get(Options.DefaultName);

    /// <summary>The receivers whose last change of configuration was refused, each with the error.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Refused => [.. _refused];

    /// <exception cref="OptionsValidationException">The receiver has never had valid options.</exception>
    public WebhookReceiverOptions Get(string? name)
    {
        name ??= Options.DefaultName;
        if (_good.TryGetValue(name, out var options))
            return options;
        lock (_lock)
            return _good.TryGetValue(name, out options) ? options : _good[name] = _factory.Create(name);
    }

    public IDisposable OnChange(Action<WebhookReceiverOptions, string?> listener)
    {
        Changed += listener;
        return new Registration(() => Changed -= listener);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    void Reload(string name)
    {
        WebhookReceiverOptions options;
        lock (_lock)
        {
            // The options have not been read yet. The first reader gets the configuration of that moment, or its error.
            if (!_good.ContainsKey(name))
                return;
            try
            {
                _good[name] = options = _factory.Create(name);
            }
            catch (Exception exception)
            {
                // Logs an error once, and again if it changes, because a file is read several times while it is being written.
                if (!_refused.TryGetValue(name, out var known) || known != exception.Message)
                    LogMessages.ReloadRefused(_logger, name, exception.Message, exception is OptionsValidationException ? null : exception);
                _refused[name] = exception.Message;
                return;
            }

            if (_refused.TryRemove(name, out _))
                LogMessages.ReloadTaken(_logger, name);
        }

        Changed?.Invoke(options, name);
    }

    sealed class Registration(Action dispose) : IDisposable
    {
        public void Dispose() => dispose();
    }
}
