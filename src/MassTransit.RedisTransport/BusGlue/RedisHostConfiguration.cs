using MassTransit.Configuration;
using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Maintenance;
using MassTransit.Transports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MassTransit.RedisTransport.BusGlue;

/// <summary>One bus's connection settings and endpoints, and the queue engine while the bus runs.</summary>
internal sealed class RedisHostConfiguration : BaseHostConfiguration<RedisReceiveEndpointConfiguration, IRedisReceiveEndpointConfigurator>
{
    readonly RedisBusConfiguration _bus;
    readonly RedisTopologyConfiguration _topologyConfiguration;
    readonly RedisBusTopology _topology;
    readonly Lock _gate = new();
    volatile QueueBroker? _broker;
    bool _stopped;
    bool _isBuilt;

    public RedisHostConfiguration(RedisBusConfiguration bus, RedisTopologyConfiguration topology)
        : base(bus)
    {
        _bus = bus;
        _topologyConfiguration = topology;
        _topology = new RedisBusTopology(this, topology);
        Addresses = new AddressBook(() => Host);
        ReceiveTransportRetryPolicy = Retry.None;
        Leases = new LeaseKeeper(Settings);
        bus.ConnectBusObserver(Liveness);
    }

    public RedisConnectionSettings Settings { get; } = new();

    /// <summary>The queues this bus receives from at the moment, temporary ones excepted.</summary>
    public ConsumedQueues Consumed { get; } = new();

    /// <summary>Renews the leases of all endpoints of this bus.</summary>
    public LeaseKeeper Leases { get; }

    /// <summary>What only a restart or another configuration can mend.</summary>
    public Liveness Liveness { get; } = new();

    /// <summary>The queue engine of the bus if it runs: looking does not make one.</summary>
    public QueueBroker? RunningBroker => _broker;

    public ILogger Logger => LogContext?.Logger ?? NullLogger.Instance;

    public RedisHostAddress Host => Settings.Address;

    public override Uri HostAddress => Host.ToUri();

    public override IBusTopology Topology => _topology;

    public RedisPublishTopology PublishTopology => _topologyConfiguration.RedisPublish;

    /// <summary>Not used: receivers and lanes repeat what failed themselves, without running a message's pipes again.</summary>
    public override IRetryPolicy ReceiveTransportRetryPolicy { get; }

    /// <summary>Addresses as they were written, and what they lead to.</summary>
    public AddressBook Addresses { get; }

    /// <summary>The queue engine, made anew when the bus is started again after a stop. Asked for by every send.</summary>
    /// <exception cref="RedisTransportException">The bus was stopped: nobody would close another connection.</exception>
    public QueueBroker Broker => _broker ?? MakeBroker();

    QueueBroker MakeBroker()
    {
        lock (_gate)
        {
            if (_broker is null && _stopped)
                throw RedisConnection.Stopped();
            return _broker ??= new QueueBroker(Settings, Logger);
        }
    }

    /// <summary>An endpoint is started: the bus runs, for the first time or again.</summary>
    public void Open()
    {
        lock (_gate)
            _stopped = false;
    }

    public async Task CloseAsync()
    {
        QueueBroker? broker;
        lock (_gate)
        {
            broker = _broker;
            _broker = null;
            _stopped = true;
        }

        if (broker is not null)
            await broker.DisposeAsync().ConfigureAwait(false);
    }

    public RedisReceiveEndpointConfiguration CreateReceiveEndpointConfiguration(string queueName, Action<IRedisReceiveEndpointConfigurator>? configure) =>
        CreateReceiveEndpointConfiguration(new RedisReceiveSettings(queueName), _bus.CreateEndpointConfiguration(), configure);

    public RedisReceiveEndpointConfiguration CreateReceiveEndpointConfiguration(RedisReceiveSettings settings, RedisEndpointConfiguration endpoint,
        Action<IRedisReceiveEndpointConfigurator>? configure)
    {
        var configuration = new RedisReceiveEndpointConfiguration(this, settings, endpoint);
        configure?.Invoke(configuration);
        Observers.EndpointConfigured(configuration);
        // One that is connected to the running bus is built by itself, and must not be kept for as long as the bus.
        if (!_isBuilt)
            Add(configuration);
        return configuration;
    }

    public override IReceiveEndpointConfiguration CreateReceiveEndpointConfiguration(string queueName, Action<IReceiveEndpointConfigurator>? configure) =>
        CreateReceiveEndpointConfiguration(queueName, (Action<IRedisReceiveEndpointConfigurator>?)configure);

    public override void ReceiveEndpoint(IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter,
        Action<IRedisReceiveEndpointConfigurator>? configureEndpoint = null) =>
        ReceiveEndpoint(NameOf(definition, endpointNameFormatter), WithDefinition(definition, configureEndpoint));

    public override void ReceiveEndpoint(string queueName, Action<IRedisReceiveEndpointConfigurator> configureEndpoint) =>
        CreateReceiveEndpointConfiguration(queueName, configureEndpoint);

    public static string NameOf(IEndpointDefinition definition, IEndpointNameFormatter? formatter) =>
        definition.GetEndpointName(formatter ?? DefaultEndpointNameFormatter.Instance);

    public Action<IRedisReceiveEndpointConfigurator> WithDefinition(IEndpointDefinition definition, Action<IRedisReceiveEndpointConfigurator>? configure) =>
        configurator =>
        {
            if (definition.IsTemporary)
                configurator.AutoDeleteOnIdle = RedisReceiveSettings.TemporaryIdle;
            ApplyEndpointDefinition(configurator, definition);
            configure?.Invoke(configurator);
        };

    public override IEnumerable<ValidationResult> Validate() =>
        Settings.Problems().Select(x => this.Failure($"Redis {x.Option}", x.Problem)).Concat(base.Validate());

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
