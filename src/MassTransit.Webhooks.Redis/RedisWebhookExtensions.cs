using MassTransit.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MassTransit;

/// <summary>What webhooks gain on the Redis transport.</summary>
public static class RedisWebhookExtensions
{
    /// <summary>Gives webhooks the priorities of the Redis transport.</summary>
    /// <param name="configurator">The webhooks of a bus that is configured by <c>UsingRedis</c>.</param>
    public static void UseRedis(this IWebhookConfigurator configurator)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.Registration.Replace(ServiceDescriptor.Singleton<IWebhookTransport, RedisWebhookTransport>());
    }

    sealed class RedisWebhookTransport : IWebhookTransport
    {
        public bool CanDelay => true;

        public void ApplyPriority(SendContext context, byte priority) => context.TrySetPriority(priority);
    }
}
