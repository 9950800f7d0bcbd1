using MassTransit.Topology;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Names the topics of message types.</summary>
internal interface IMessageTopics
{
    /// <summary>The topic that a message of the type is published to.</summary>
    string TopicOf<T>()
        where T : class;
}

/// <summary>
/// The topics of message types as a bus names them that is not told otherwise, for a process without a bus. It is made at its first use,
/// because an operator's tool that never asks for a type should not load MassTransit.
/// </summary>
internal sealed class DefaultMessageTopics : IMessageTopics
{
    object? _topology;

    /// <summary>
    /// The names of entities as on RabbitMQ (<c>Namespace:Type</c>), so that a bus keeps its names when it changes the transport.
    /// </summary>
    public static MessageTopology CreateMessageTopology() =>
        new(new MessageNameFormatterEntityNameFormatter(new DefaultMessageNameFormatter("::", "--", ":", "-")));

    public string TopicOf<T>()
        where T : class => ((RedisPublishTopology)(_topology ??= new RedisPublishTopology(CreateMessageTopology()))).TopicOf<T>();
}
