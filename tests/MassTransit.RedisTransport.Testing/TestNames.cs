namespace MassTransit.RedisTransport.Testing;

/// <summary>Names that no other test has, so that tests share a server without clearing it.</summary>
public static class TestNames
{
    static readonly string Run = Guid.NewGuid().ToString("N")[..8];
    static int _last;

    public static string Unique(string name) => $"{name}-{Run}-{Interlocked.Increment(ref _last)}";
}
