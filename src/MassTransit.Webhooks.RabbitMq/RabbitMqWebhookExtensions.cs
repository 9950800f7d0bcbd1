using MassTransit.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit;

/// <summary>What webhooks gain on the RabbitMQ transport.</summary>
public static class RabbitMqWebhookExtensions
{
    /// <summary>
    /// Makes the queues of the bus priority queues and gives webhooks their priorities. RabbitMQ has no delay of its own: a
    /// processor's redelivery needs its delayed message exchange plugin. Without the plugin a webhook whose retries have failed is
    /// dead-lettered at once; say <c>p.Redelivery(r => r.None())</c> to say so.
    /// </summary>
    /// <param name="configurator">The webhooks of a bus that is configured by <c>UsingRabbitMq</c>.</param>
    /// <param name="maxPriority">
    /// The highest priority a queue distinguishes; higher ones count as this. Default: 10, as RabbitMQ advises (each level costs it
    /// memory and time). An existing queue keeps the value it was declared with, and refuses another one.
    /// </param>
    public static void UseRabbitMq(this IWebhookConfigurator configurator, byte maxPriority = 10)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        ArgumentOutOfRangeException.ThrowIfZero(maxPriority);
        configurator.Registration.Replace(ServiceDescriptor.Singleton<IWebhookPriority>(new RabbitMqWebhookPriority(maxPriority)));
        configurator.Registration.AddConfigureEndpointsCallback((_, endpoint) =>
        {
            if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbitMq)
                rabbitMq.EnablePriority(maxPriority);
        });
    }

    sealed class RabbitMqWebhookPriority(byte maxPriority) : IWebhookPriority
    {
        public void Apply(SendContext context, byte priority) => context.TrySetPriority(Math.Min(priority, maxPriority));
    }
}
