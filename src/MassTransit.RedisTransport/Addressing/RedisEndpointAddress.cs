using MassTransit.Internals;
using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.Addressing;

/// <summary>
/// The address of a queue or a topic of one host: <c>redis://server/0/orders</c>, <c>redis://server/0/Shop:OrderPlaced?type=topic</c>,
/// or short <c>queue:orders</c>, <c>topic:Shop:OrderPlaced</c> (<c>exchange:</c> means the same).
/// </summary>
internal readonly record struct RedisEndpointAddress(RedisHostAddress Host, string Name, bool IsTopic, bool IsTemporary)
{
    const string TypeKey = "type";
    const string TopicType = "topic";
    const string TemporaryKey = "temporary";

    public const string TopicQuery = $"{TypeKey}={TopicType}";

    /// <summary>Reads any accepted form. Another server name is accepted (servers have several names), another database or prefix is not.</summary>
    /// <exception cref="ArgumentException">The address is none of this bus.</exception>
    public static RedisEndpointAddress Parse(RedisHostAddress host, Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri)
            throw Invalid(address, "it must be absolute: queue:name, topic:name, or redis://server/database/name");

        var isTopic = false;
        string? name;
        switch (address.Scheme)
        {
            case "queue":
                name = address.AbsolutePath;
                break;
            case "topic" or "exchange":
                name = address.AbsolutePath;
                isTopic = true;
                break;
            case var scheme when RedisHostAddress.IsScheme(scheme):
                address.ParseHostPathAndEntityName(out var virtualHost, out name);
                if (virtualHost is not ("/" or "") && !string.Equals(virtualHost, host.VirtualHost, StringComparison.Ordinal))
                    throw Invalid(address, $"it names another database or key prefix than this bus ('{host.VirtualHost}'); configure a bus of its own for it (MultiBus)");
                break;
            default:
                throw Invalid(address, $"the scheme '{address.Scheme}' is not known; use queue:, topic:, exchange: or redis://");
        }

        name = Uri.UnescapeDataString(name ?? "");
        if (name == "*")
            name = NewId.Next().ToString("NS");

        var temporary = false;
        foreach (var (key, value) in address.SplitQueryString())
        {
            if (key == TypeKey)
                isTopic = string.Equals(value, TopicType, StringComparison.OrdinalIgnoreCase);
            else if (key == TemporaryKey)
                temporary = string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
        }

        if (!isTopic && !QueueName.IsValid(name))
            throw Invalid(address, $"a queue name has 1 to {QueueName.MaxLength} of the characters A-Z a-z 0-9 - _ . :");
        if (isTopic && name.Length == 0)
            throw Invalid(address, "the topic has no name");

        return new RedisEndpointAddress(host, name, isTopic, temporary);
    }

    public Uri ToUri()
    {
        var query = (IsTopic, IsTemporary) switch
        {
            (true, _) => TopicQuery,
            (_, true) => $"{TemporaryKey}=true",
            _ => null,
        };
        return Host.Build($"{Host.VirtualHost}/{EscapeName(Name)}", query);
    }

    /// <summary>Colons stay: names of topics are full of them, and an operator reads them.</summary>
    public static string EscapeName(string name) => Uri.EscapeDataString(name).Replace("%3A", ":", StringComparison.Ordinal);

    static ArgumentException Invalid(Uri address, string reason) => new($"The address '{Redacted(address)}' cannot be used: {reason}.", nameof(address));

    static string Redacted(Uri address) => address.IsAbsoluteUri && address.UserInfo.Length > 0
        ? new UriBuilder(address) { UserName = "", Password = "" }.Uri.ToString()
        : address.ToString();
}
