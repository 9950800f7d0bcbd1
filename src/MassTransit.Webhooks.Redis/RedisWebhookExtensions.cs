using MassTransit.Webhooks;
using MassTransit.Webhooks.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;

namespace MassTransit;

/// <summary>What webhooks gain on the Redis transport.</summary>
public static class RedisWebhookExtensions
{
    /// <summary>
    /// Gives webhooks what the Redis transport can: priorities, counts of what lies in the queues (<see cref="IWebhookQueue.GetMetricsAsync"/>),
    /// and dead letters that can be listed, replayed and purged (<see cref="IWebhookDeadLetters"/>). Adds <see cref="IRedisQueues"/>
    /// and <see cref="IRedisDeadLetters"/> too.
    /// </summary>
    /// <param name="configurator">The webhooks of a bus that is configured by <c>UsingRedis</c>.</param>
    public static void UseRedis(this IWebhookConfigurator configurator)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        configurator.Registration.AddRedisQueues();
        configurator.Registration.Replace(ServiceDescriptor.Singleton<IWebhookTransport, RedisWebhookTransport>());
        configurator.Registration.TryAddSingleton<IWebhookBundleTransport>(x => (IWebhookBundleTransport)x.GetRequiredService<IWebhookTransport>());
        configurator.Registration.TryAddSingleton<IWebhookConnection<IDatabase>, TransportConnection>();
        configurator.Registration.Replace(ServiceDescriptor.Singleton<IWebhookDeadLetters, RedisWebhookDeadLetters>());
    }
}
