namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>The application blocks every thread of the pool. The answer may have arrived, but no thread can read it.</summary>
internal sealed class PoolStarvedException() : TimeoutException(
    "no thread of the pool was free to read the answer: the application blocks them, for example by waiting for tasks without await");
