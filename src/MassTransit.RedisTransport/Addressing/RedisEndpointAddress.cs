using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.Addressing;

/// <summary>
/// The address of a queue, a topic or an exchange of one host: <c>redis://server/0/orders</c>,
/// <c>redis://server/0/Shop:OrderPlaced?type=topic</c>, or in short form <c>queue:orders</c>, <c>topic:Shop:OrderPlaced</c>,
/// <c>exchange:orders</c>. As on RabbitMQ, an exchange leads to the queue of that name and to the subscribers of the topic of that name.
/// </summary>
internal readonly record struct RedisEndpointAddress(RedisHostAddress Host, string Name, bool IsTopic, bool IsTemporary,
    bool IsExchange = false)
{
    const string TypeKey = "type";
    const string TopicType = "topic";
    const string ExchangeType = "exchange";
    const string QueueType = "queue";
    const string TemporaryKey = "temporary";

    public const string TemporaryQuery = $"{TemporaryKey}=true";

    public const string TopicQuery = $"{TypeKey}={TopicType}";

    /// <summary>
    /// Parses an address in any accepted form. A different server name is accepted, because a server can have several names; a different
    /// database or prefix is not.
    /// </summary>
    /// <exception cref="ArgumentException">The address does not belong to this bus.</exception>
    public static RedisEndpointAddress Parse(RedisHostAddress host, Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri)
            throw Invalid(address, "it must be absolute: queue:name, topic:name, exchange:name, or redis://server/database/name");
        if (AddressText.HasDotSegment(address))
            throw Invalid(address, "'.' and '..' in an address lead to another name; give the queue or topic another name");

        var found = address.Scheme switch
        {
            "queue" => new RedisEndpointAddress(host, address.AbsolutePath, IsTopic: false, Flag(address, TemporaryKey)),
            "topic" => new RedisEndpointAddress(host, address.AbsolutePath, IsTopic: true, Flag(address, TemporaryKey)),
            "exchange" => FromExchange(host, address),
            var scheme when RedisHostAddress.IsScheme(scheme) => FromHost(host, address),
            _ => throw Invalid(address, $"the scheme '{address.Scheme}' is not known; use queue:, topic:, exchange: or redis://"),
        };

        var name = Uri.UnescapeDataString(found.Name);
        found = found with { Name = name == "*" ? Guid.NewGuid().ToString("N") : name };
        if (found is { IsTopic: false, IsExchange: false } && !QueueName.IsValid(found.Name))
            throw Invalid(address, $"a queue name has {QueueName.Rule}");
        return EntityProblem(found.Name) is { } problem
            ? throw Invalid(address, $"the {(found.IsTopic ? TopicType : ExchangeType)} {problem}")
            : found;
    }

    public Uri ToUri()
    {
        var query = (IsTopic, IsExchange, IsTemporary) switch
        {
            (true, _, _) => TopicQuery,
            (_, true, true) => $"{TypeKey}={ExchangeType}&{TemporaryQuery}",
            (_, true, _) => $"{TypeKey}={ExchangeType}",
            (_, _, true) => TemporaryQuery,
            _ => null,
        };
        return Host.Build($"{Host.VirtualHost}/{EscapeName(Name)}", query);
    }

    /// <summary>Escapes a name but keeps colons, because names of topics contain many of them and operators read them.</summary>
    public static string EscapeName(string name) => Uri.EscapeDataString(name).Replace("%3A", ":", StringComparison.Ordinal);

    /// <summary>Returns why a name cannot be part of an address; <c>null</c> if it can.</summary>
    public static string? EntityProblem(string? name) => name switch
    {
        null or "" => "has no name",
        "." or ".." or "*" => $"is named '{name}', which no address can say: give it another name",
        _ => null,
    };

    static RedisEndpointAddress FromHost(RedisHostAddress host, Uri address)
    {
        // Does not use MassTransit's own parser, which unescapes the name once more, so that 'a%2Fb' and 'a/b' would be equal.
        var path = address.AbsolutePath.AsSpan().TrimStart('/');
        var end = path.LastIndexOf('/');
        var virtualHost = end < 0 ? "" : Uri.UnescapeDataString(path[..end]);
        var name = path[(end + 1)..].ToString();
        if (virtualHost is not ("/" or "") && !string.Equals(virtualHost, host.VirtualHost, StringComparison.Ordinal))
            throw Invalid(address, $"it names another database or key prefix than this bus ('{host.VirtualHost}'); configure a bus of "
                + "its own for it (MultiBus)");

        return Value(address, TypeKey) switch
        {
            null or QueueType => new(host, name, IsTopic: false, Flag(address, TemporaryKey)),
            TopicType => new(host, name, IsTopic: true, Flag(address, TemporaryKey)),
            ExchangeType => new(host, name, IsTopic: false, Flag(address, TemporaryKey), IsExchange: true),
            _ => throw Invalid(address,
                $"its type is not known; use {TypeKey}={TopicType} or {TypeKey}={ExchangeType}, or none for a queue"),
        };
    }

    /// <summary>
    /// Parses an exchange with the query parameters of RabbitMQ's addresses. Parameters that have no equivalent here are refused, because
    /// messages would be lost.
    /// </summary>
    static RedisEndpointAddress FromExchange(RedisHostAddress host, Uri address)
    {
        var name = address.AbsolutePath;
        bool temporary = false, durable = true, autoDelete = false, bound = false;
        string? queue = null;
        foreach (var (key, value) in AddressText.Parameters(address))
        {
            switch (key)
            {
                case TemporaryKey:
                    temporary = IsTrue(value);
                    break;
                case "durable":
                    durable = IsTrue(value);
                    break;
                case "autodelete":
                    autoDelete = IsTrue(value);
                    break;
                case "bind":
                    bound = IsTrue(value);
                    break;
                case "queue" when !string.IsNullOrWhiteSpace(value):
                    queue = Uri.UnescapeDataString(value);
                    break;
                case TypeKey or "delayedtype" when !IsFanOut(value):
                    throw Invalid(address, $"routing keys are not looked at here, so that only the exchange type fanout can be had; send "
                        + $"to queue:{name} or topic:{name}");
                case "alternateexchange" or "bindexchange" when !string.IsNullOrWhiteSpace(value):
                    throw Invalid(address, $"exchanges are not bound by an address; let the receive endpoint subscribe to '{name}' "
                        + $"(e.Subscribe), and send to exchange:{name}");
                case "singleactiveconsumer" when IsTrue(value):
                    throw Invalid(address, "a queue has no single active consumer here; leave it out, and give the endpoint a "
                        + "ConcurrentMessageLimit or a partitioner");
            }
        }

        temporary |= autoDelete && !durable;
        if (!bound)
            return new(host, name, IsTopic: false, temporary, IsExchange: true);
        // An exchange with a bound queue of the same name, which the send creates if it is missing, is treated as a queue.
        return queue is null || queue == Uri.UnescapeDataString(name)
            ? new(host, name, IsTopic: false, temporary)
            : throw Invalid(address, $"an exchange is bound to the queue of its own name; send to queue:{queue}");
    }

    static bool IsFanOut(string? type) => string.IsNullOrWhiteSpace(type)
        || type.Equals("fanout", StringComparison.OrdinalIgnoreCase)
        || type.Equals("x-delayed-message", StringComparison.OrdinalIgnoreCase);

    static bool Flag(Uri address, string key) => IsTrue(Value(address, key));

    static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    static string? Value(Uri address, string wanted)
    {
        // Most addresses have no query.
        if (address.Query.Length == 0)
            return null;

        foreach (var (key, value) in AddressText.Parameters(address))
        {
            if (key == wanted)
                return value?.ToLowerInvariant();
        }

        return null;
    }

    static ArgumentException Invalid(Uri address, string reason) =>
        new($"The address '{AddressText.Redacted(address)}' cannot be used: {reason}.", nameof(address));
}
