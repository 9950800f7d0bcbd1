using System.Globalization;

namespace MassTransit.RedisTransport.Addressing;

/// <summary>
/// The address of a host: <c>redis://server:6379/0/prefix/</c> (<c>rediss</c> with TLS). It never contains a credential, because it is
/// copied into messages, logs and traces.
/// </summary>
internal readonly record struct RedisHostAddress(string Scheme, string Host, int Port, int Database, string? KeyPrefix)
{
    public const string PlainScheme = "redis";
    public const string TlsScheme = "rediss";
    public const int DefaultPort = 6379;

    /// <summary>The database and the key prefix, which separate applications on one server.</summary>
    public string VirtualHost => KeyPrefix is null ? Database.ToString(CultureInfo.InvariantCulture) : $"{Database}/{KeyPrefix}";

    public static bool IsScheme(string scheme) => scheme is PlainScheme or TlsScheme;

    public Uri ToUri() => Build(VirtualHost + "/");

    internal Uri Build(string path, string? query = null) =>
        new UriBuilder(Scheme, Host, Port == DefaultPort ? -1 : Port, path) { Query = query ?? "" }.Uri;
}
