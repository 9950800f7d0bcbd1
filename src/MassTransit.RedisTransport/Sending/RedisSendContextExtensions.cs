using MassTransit.RedisTransport.Sending;

namespace MassTransit;

/// <summary>Sets properties of Redis on a message that is sent or published.</summary>
public static class RedisSendContextExtensions
{
    /// <summary>
    /// Sets the priority: 0 (the default) to 255; a higher one is more urgent, as in RabbitMQ. A message that is sent from a consumer
    /// inherits the priority of the consumed message unless its own is set.
    /// </summary>
    /// <param name="context">The message that is being sent.</param>
    /// <param name="priority">0 to 255.</param>
    /// <exception cref="ArgumentException">The message is not being sent by a bus on Redis.</exception>
    public static void SetPriority(this SendContext context, byte priority) => SetRedisPriority(context, priority);

    /// <inheritdoc cref="SetPriority(SendContext, byte)"/>
    /// <exception cref="ArgumentOutOfRangeException">The priority is not between 0 and 255.</exception>
    public static void SetPriority(this SendContext context, int priority)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(priority);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, byte.MaxValue);
        SetRedisPriority(context, (byte)priority);
    }

    /// <summary>
    /// Does the same as <see cref="SetPriority(SendContext, byte)"/>. Use it if another transport's method of that name is in scope too.
    /// </summary>
    /// <param name="context">The message that is being sent.</param>
    /// <param name="priority">0 to 255.</param>
    /// <exception cref="ArgumentException">The message is not being sent by a bus on Redis.</exception>
    public static void SetRedisPriority(this SendContext context, byte priority)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!TrySetPriority(context, priority))
            throw new ArgumentException("The message is not sent by a bus on Redis, so it has no Redis priority. Use TrySetPriority "
                + "where the transport may vary.", nameof(context));
    }

    /// <summary>Sets the priority if the bus runs on Redis.</summary>
    /// <param name="context">The message that is being sent.</param>
    /// <param name="priority">0 to 255.</param>
    /// <returns>False if the message is sent by another transport; nothing was set.</returns>
    public static bool TrySetPriority(this SendContext context, byte priority)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.TryGetPayload<IRedisSendContext>(out var redis))
            return false;

        redis.Priority = priority;
        return true;
    }

    /// <summary>Returns the priority that a received message was sent with; <c>null</c> if it came by another transport.</summary>
    /// <param name="context">The received message.</param>
    /// <returns>0 to 255.</returns>
    public static byte? GetPriority(this ConsumeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.TryGetPayload<IReceivedMessage>(out var redis) ? redis.Priority : null;
    }
}
