using MassTransit.Webhooks;

namespace MassTransit;

/// <summary>Configures webhooks on the RabbitMQ transport.</summary>
public static class RabbitMqWebhookExtensions
{
    /// <summary>
    /// Makes the queues of the bus priority queues and sends webhooks with their priorities. RabbitMQ cannot delay a message by itself:
    /// without its delayed message exchange plugin processors have no redelivery, and a webhook whose retries have failed is dead-lettered.
    /// It also cannot age priorities or cancel a delayed message, and an operator cannot pause or limit its queues or change the workers
    /// while they run: stop the workers instead.
    /// </summary>
    /// <param name="configurator">The webhooks of a bus that is configured by <c>UsingRabbitMq</c>.</param>
    /// <param name="maxPriority">
    /// The highest priority a queue distinguishes; higher ones count as this. Default: 10, as RabbitMQ advises (each level costs it memory
    /// and time). An existing queue keeps the value it was declared with, and refuses another one.
    /// </param>
    /// <param name="delayedExchange">
    /// True if the plugin <c>rabbitmq_delayed_message_exchange</c> is enabled. Default: false. If it is true and the plugin is missing, the
    /// broker closes the connection at every redelivery, and failing webhooks are never dead-lettered.
    /// </param>
    /// <remarks>If the bus is on another transport, its creation throws a <see cref="ConfigurationException"/>.</remarks>
    /// <exception cref="ConfigurationException">Another transport was configured before.</exception>
    public static void UseRabbitMq(this IWebhookConfigurator configurator, byte maxPriority = 10, bool delayedExchange = false)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        ArgumentOutOfRangeException.ThrowIfZero(maxPriority);
        configurator.UseTransport(_ => new RabbitMqWebhookTransport(maxPriority, delayedExchange));
        configurator.Registration.AddConfigureEndpointsCallback((_, endpoint) =>
        {
            if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbitMq)
                rabbitMq.EnablePriority(maxPriority);
        });
    }

    sealed class RabbitMqWebhookTransport(byte maxPriority, bool delayedExchange) : IWebhookTransport
    {
        public string Name => "RabbitMQ";

        public bool CanDelay => delayedExchange;

        public string? FindMismatch(Uri hostAddress) => hostAddress.Scheme is "rabbitmq" or "rabbitmqs" or "amqp" or "amqps"
            ? null
            : $"w.UseRabbitMq() was called in AddWebhooks, and the bus is not on RabbitMQ ({hostAddress.Scheme}://): configure the bus by "
                + "UsingRabbitMq, or leave w.UseRabbitMq() out (on Redis call w.UseRedis() instead).";

        public void ApplyPriority(SendContext context, byte priority) => context.TrySetPriority(Math.Min(priority, maxPriority));

        public bool IsNotRouted(Exception exception) => exception is MessageReturnedException;
    }
}
