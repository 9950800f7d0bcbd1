namespace MassTransit.RedisTransport.Receiving;

/// <summary>What a consumer knows of a message from before it was split off another one: a payload of its receive context.</summary>
internal sealed record DeliveryMemory(object Value);
