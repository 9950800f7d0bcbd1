using MassTransit.Configuration;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Maintenance;
using MassTransit.RedisTransport.Receiving;
using MassTransit.RedisTransport.Sending;
using MassTransit.Transports;
using Microsoft.Extensions.Logging.Abstractions;

namespace MassTransit.RedisTransport.BusGlue;

/// <summary>The endpoints of one bus and the parts that they share.</summary>
internal sealed class RedisHostConfiguration : BaseHostConfiguration<RedisReceiveEndpointConfiguration, IRedisReceiveEndpointConfigurator>
{
    readonly RedisBusConfiguration _bus;
    readonly RedisTopologyConfiguration _topologyConfiguration;
    readonly RedisBusTopology _topology;
    bool _isBuilt;

    public RedisHostConfiguration(RedisBusConfiguration bus, RedisTopologyConfiguration topology)
        : base(bus)
    {
        _bus = bus;
        _topologyConfiguration = topology;
        _topology = new RedisBusTopology(this, topology);
        Engine = new EngineHost(() => LogContext?.Logger ?? NullLogger.Instance);
        Addresses = new AddressBook(() => Engine.Address);
        ReceiveTransportRetryPolicy = Retry.None;
        Leases = new LeaseKeeper(Engine.Settings);
        bus.ConnectBusObserver(Liveness);
    }

    /// <summary>The connection settings, and the queue engine while the bus runs.</summary>
    public EngineHost Engine { get; }

    /// <summary>The queues that this bus receives from now, without temporary ones.</summary>
    public ConsumedQueues Consumed { get; } = new();

    /// <summary>Renews the leases of all endpoints of this bus.</summary>
    public LeaseKeeper Leases { get; }

    /// <summary>The faults that only a restart or another configuration can repair.</summary>
    public Liveness Liveness { get; } = new();

    public override Uri HostAddress => Engine.Address.ToUri();

    public override IBusTopology Topology => _topology;

    public RedisPublishTopology PublishTopology => _topologyConfiguration.RedisPublish;

    /// <summary>Not used, because receivers and lanes repeat failed calls themselves, without running a message's pipes again.</summary>
    public override IRetryPolicy ReceiveTransportRetryPolicy { get; }

    /// <summary>The normalized form of addresses.</summary>
    public AddressBook Addresses { get; }

    public RedisReceiveEndpointConfiguration CreateReceiveEndpointConfiguration(string queueName,
        Action<IRedisReceiveEndpointConfigurator>? configure) =>
        CreateReceiveEndpointConfiguration(new RedisReceiveSettings(queueName), _bus.CreateEndpointConfiguration(), configure);

    public RedisReceiveEndpointConfiguration CreateReceiveEndpointConfiguration(RedisReceiveSettings settings,
        RedisEndpointConfiguration endpoint,
        Action<IRedisReceiveEndpointConfigurator>? configure)
    {
        var configuration = new RedisReceiveEndpointConfiguration(this, settings, endpoint);
        configure?.Invoke(configuration);
        Observers.EndpointConfigured(configuration);
        // An endpoint that is connected to the running bus is built separately, and must not be kept for the lifetime of the bus.
        if (!_isBuilt)
            Add(configuration);
        return configuration;
    }

    public override IReceiveEndpointConfiguration CreateReceiveEndpointConfiguration(string queueName,
        Action<IReceiveEndpointConfigurator>? configure) =>
        CreateReceiveEndpointConfiguration(queueName, (Action<IRedisReceiveEndpointConfigurator>?)configure);

    public override void ReceiveEndpoint(IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter,
        Action<IRedisReceiveEndpointConfigurator>? configureEndpoint = null) =>
        ReceiveEndpoint(NameOf(definition, endpointNameFormatter), WithDefinition(definition, configureEndpoint));

    public override void ReceiveEndpoint(string queueName, Action<IRedisReceiveEndpointConfigurator> configureEndpoint) =>
        CreateReceiveEndpointConfiguration(queueName, configureEndpoint);

    public static string NameOf(IEndpointDefinition definition, IEndpointNameFormatter? formatter) =>
        definition.GetEndpointName(formatter ?? DefaultEndpointNameFormatter.Instance);

    public Action<IRedisReceiveEndpointConfigurator> WithDefinition(IEndpointDefinition definition,
        Action<IRedisReceiveEndpointConfigurator>? configure) =>
        configurator =>
        {
            if (definition.IsTemporary)
                configurator.AutoDeleteOnIdle = RedisReceiveSettings.TemporaryIdle;
            ApplyEndpointDefinition(configurator, definition);
            configure?.Invoke(configurator);
        };

    public override IEnumerable<ValidationResult> Validate() =>
        Engine.Settings.Problems().Select(x => this.Failure($"Redis {x.Option}", x.Problem)).Concat(base.Validate());

    public override IHost Build()
    {
        _isBuilt = true;
        var host = new RedisHost(this, _topology);
        foreach (var endpoint in GetConfiguredEndpoints())
            endpoint.Build(host);
        return host;
    }

    internal sealed class RedisBusTopology(RedisHostConfiguration host, RedisTopologyConfiguration topology) : BusTopology(host, topology);
}
