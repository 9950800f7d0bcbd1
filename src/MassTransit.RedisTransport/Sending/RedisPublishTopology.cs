using MassTransit.Configuration;
using MassTransit.Metadata;
using MassTransit.RedisTransport.Addressing;
using MassTransit.Topology;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Links the topic of a message type to the topics of its base types.</summary>
internal interface ITopicLinks
{
    string Topic { get; }

    bool Exclude { get; }

    /// <summary>Adds all links that begin at this topic, each once.</summary>
    void CollectLinks(ISet<(string From, string To)> links);
}

/// <summary>Publishes a message to the topic of its type, which is linked to the topics of its base types and interfaces.</summary>
internal sealed class RedisPublishTopology(IMessageTopology messageTopology) : PublishTopology, IMessageTopics
{
    public ITopicLinks LinksOf<T>()
        where T : class => (ITopicLinks)GetMessageTopology<T>();

    public string TopicOf<T>()
        where T : class => LinksOf<T>().Topic;

    /// <summary>Returns the links of all types that are known so far.</summary>
    public IReadOnlySet<(string From, string To)> AllLinks()
    {
        var links = new HashSet<(string, string)>();
        ForEachMessageType<ITopicLinks>(x => x.CollectLinks(links));
        return links;
    }

    protected override IMessagePublishTopologyConfigurator CreateMessageTopology<T>()
    {
        var topology = new MessageTopicTopology<T>(this, messageTopology.GetMessageTopology<T>());
        ImplementedMessageTypeCache<T>.EnumerateImplementedTypes(new Connector(this, topology.Direct));
        OnMessageTopologyCreated(topology);
        return topology;
    }

    sealed class Connector(RedisPublishTopology publishTopology, List<ITopicLinks> direct) : IImplementedMessageType
    {
        public void ImplementsMessageType<T>(bool isDirect)
            where T : class
        {
            var topology = publishTopology.LinksOf<T>();
            if (isDirect)
                direct.Add(topology);
        }
    }

    sealed class MessageTopicTopology<T>(RedisPublishTopology publishTopology, IMessageTopology<T> messageTopology)
        : MessagePublishTopology<T>(publishTopology), ITopicLinks
        where T : class
    {
        public List<ITopicLinks> Direct { get; } = [];

        public string Topic => messageTopology.EntityName;

        public void CollectLinks(ISet<(string From, string To)> links)
        {
            if (Exclude)
                return;

            foreach (var implemented in Direct.Where(x => !x.Exclude))
            {
                if (links.Add((Topic, implemented.Topic)))
                    implemented.CollectLinks(links);
            }
        }

        public override bool TryGetPublishAddress(Uri baseAddress,
            [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Uri? publishAddress)
        {
            if (RedisEndpointAddress.EntityProblem(Topic) is { } problem)
                throw new ConfigurationException($"The topic of {TypeCache<T>.ShortName} {problem} (SetEntityName).");

            publishAddress = new UriBuilder(baseAddress)
            {
                Path = baseAddress.AbsolutePath + RedisEndpointAddress.EscapeName(Topic),
                Query = RedisEndpointAddress.TopicQuery,
            }.Uri;
            return true;
        }
    }
}
