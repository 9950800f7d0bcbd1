namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>Helpers for threads outside the pool.</summary>
internal static class OwnThread
{
    /// <summary>Lets the calling thread sleep. It is not a pool thread, so it blocks no other work.</summary>
    public static void Sleep(TimeSpan time)
    {
#pragma warning disable RS0030 // A timer would need a pool thread.
        Thread.Sleep(time);
#pragma warning restore RS0030
    }
}
