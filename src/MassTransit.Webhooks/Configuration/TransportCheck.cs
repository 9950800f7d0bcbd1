using MassTransit.Configuration;
using MassTransit.Transports;
using MassTransit.Webhooks.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks;

/// <summary>Refuses a bus, when it is created, that is on another transport than its webhooks were told: the first webhook would fail at the latest.</summary>
internal sealed class TransportCheck(Func<IWebhookTransport> transport, ILoggerFactory? loggers) : IBusInstanceSpecification
{
    public IEnumerable<ValidationResult> Validate() => [];

    /// <exception cref="ConfigurationException">The bus is on another transport; the message names the cure.</exception>
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
