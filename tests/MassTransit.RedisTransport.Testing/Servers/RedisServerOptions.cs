namespace MassTransit.RedisTransport.Testing;

/// <summary>How a test's redis-server runs.</summary>
public sealed class RedisServerOptions
{
    /// <summary>0: any free one.</summary>
    public int Port { get; set; }

    /// <summary><c>null</c>: no append-only file, else the value of <c>appendfsync</c>: always, everysec, no.</summary>
    public string? AppendFsync { get; set; }

    /// <summary>Such as <c>64mb</c>; <c>null</c>: no limit.</summary>
    public string? MaxMemory { get; set; }

    public string MaxMemoryPolicy { get; set; } = "noeviction";

    /// <summary>Lines for redis.conf.</summary>
    public IList<string> ExtraLines { get; } = [];

    /// <summary>ACL users as redis.conf spells them: <c>alice on &gt;secret ~mt:* &amp;* +@all</c>.</summary>
    public IList<string> Users { get; } = [];

    /// <summary>TLS only, with a certificate that is made for the occasion.</summary>
    public bool Tls { get; set; }

    /// <summary>Use the server that TEST_REDIS names, if it names one.</summary>
    public bool AllowExternal { get; set; }
}
