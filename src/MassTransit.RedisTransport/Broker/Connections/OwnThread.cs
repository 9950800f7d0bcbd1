namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>For threads that are not the pool's.</summary>
internal static class OwnThread
{
    /// <summary>Whoever sleeps here keeps nobody from working.</summary>
    public static void Sleep(TimeSpan time)
    {
#pragma warning disable RS0030 // A timer would need a thread of the pool.
        Thread.Sleep(time);
#pragma warning restore RS0030
    }
}
