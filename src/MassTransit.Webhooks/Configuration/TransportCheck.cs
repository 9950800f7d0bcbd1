using MassTransit.Configuration;
using MassTransit.Transports;
using MassTransit.Webhooks.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks;

/// <summary>
/// Refuses the creation of a bus that is on another transport than its webhooks are configured for. Otherwise the error would show only at
/// the first webhook.
/// </summary>
internal sealed class TransportCheck(Func<IWebhookTransport> transport, ILoggerFactory? loggers) : IBusInstanceSpecification
{
    public IEnumerable<ValidationResult> Validate() => [];

    /// <exception cref="ConfigurationException">The bus is on another transport. The message names the cure.</exception>
    public void Configure(IBusInstance busInstance)
    {
        var address = busInstance.HostConfiguration.HostAddress;
        var expected = transport();
        if (expected.FindMismatch(address) is { } problem)
            throw new ConfigurationException(problem);

        if (expected is PlainTransport && PlainTransport.FindCall(address) is { } call && loggers is not null)
            LogMessages.TransportNotNamed(loggers.CreateLogger<WebhookQueue>(), address.Scheme, call);
    }
}
