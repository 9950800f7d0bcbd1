using MassTransit.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit;

/// <summary>Adds webhooks to a bus.</summary>
public static class WebhookConfiguratorExtensions
{
    /// <summary>
    /// Adds <see cref="IWebhookQueue"/>, which publishes webhooks to the bus, <see cref="IWebhookDeadLetters"/> and
    /// <see cref="IWebhookStatistics"/>.
    /// </summary>
    /// <remarks>
    /// <para>
    /// In <c>AddMassTransit&lt;TBus&gt;</c> the first two belong to that bus and are resolved like MassTransit's own services of it:
    /// <c>Bind&lt;TBus, IWebhookQueue&gt;</c>, <c>Bind&lt;TBus, IWebhookDeadLetters&gt;</c>. The statistics cover all processors of the
    /// process; those of that bus are named <c>TBus/Processor</c>.
    /// </para>
    /// <para>It can be called several times for one bus; each call adds to the earlier ones.</para>
    /// </remarks>
    /// <param name="configurator">The registration configurator (<c>AddMassTransit</c>, <c>AddMassTransit&lt;TBus&gt;</c>).</param>
    /// <param name="configure">Configures the processors and the transport of the webhooks.</param>
    /// <exception cref="ConfigurationException">
    /// An option is out of its range, a processor is added twice, or two transports are configured. The message names the cure.
    /// </exception>
    public static void AddWebhooks(this IBusRegistrationConfigurator configurator, Action<IWebhookConfigurator>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.TryAddSingleton<WebhookStatistics>(_ => new WebhookStatistics());
        configurator.TryAddSingleton<IWebhookStatistics>(x => x.GetRequiredService<WebhookStatistics>());
        configurator.VisitBus(new Addition(configurator, configure));
    }

    sealed class Addition(IBusRegistrationConfigurator registration, Action<IWebhookConfigurator>? configure) : IBusVisitor
    {
        public void Visit<TBus>()
            where TBus : class, IBus
        {
            var registry = WebhookRegistry<TBus>.Of(registration);
            configure?.Invoke(new WebhookConfigurator<TBus>(registry));
        }
    }
}
