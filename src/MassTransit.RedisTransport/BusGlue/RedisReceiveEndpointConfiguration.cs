using MassTransit.Configuration;
using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Maintenance;
using MassTransit.RedisTransport.Receiving;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.BusGlue;

/// <summary>Configures and builds one receive endpoint.</summary>
internal sealed class RedisReceiveEndpointConfiguration : ReceiveEndpointConfiguration, IRedisReceiveEndpointConfigurator
{
    readonly RedisEndpointConfiguration _endpoint;
    readonly Lazy<Uri> _inputAddress;

    public RedisReceiveEndpointConfiguration(RedisHostConfiguration host, RedisReceiveSettings settings,
        RedisEndpointConfiguration endpoint)
        : base(host, endpoint)
    {
        Host = host;
        Settings = settings;
        _endpoint = endpoint;
        AddPrePipeSpecification(new AnswerSpecification());
        _inputAddress = new Lazy<Uri>(() =>
            new RedisEndpointAddress(host.Engine.Address, settings.QueueName, IsTopic: false,
                IsTemporary: settings.AutoDeleteOnIdle is not null).ToUri());
    }

    public RedisHostConfiguration Host { get; }

    public RedisReceiveSettings Settings { get; }

    public override Uri HostAddress => Host.HostAddress;

    public override Uri InputAddress => _inputAddress.Value;

    public TimeSpan LeaseDuration
    {
        set => Settings.LeaseDuration = value;
    }

    public int MaxDeliveryCount
    {
        set => Settings.MaxDeliveryCount = value;
    }

    public TimeSpan? PriorityAging
    {
        set => Settings.PriorityAging = value;
    }

    public bool PurgeOnStartup
    {
        set => Settings.PurgeOnStartup = value;
    }

    public TimeSpan? AutoDeleteOnIdle
    {
        set
        {
            Settings.AutoDeleteOnIdle = value;
            Changed(nameof(AutoDeleteOnIdle));
        }
    }

    public bool DeadLetterExpiredMessages
    {
        set => Settings.DeadLetterExpiredMessages = value;
    }

    public void Subscribe(string topic)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(topic);
        Settings.Topics.Add(topic);
    }

    public void Subscribe<T>()
        where T : class => Subscribe(_endpoint.Topology.Message.GetMessageTopology<T>().EntityName);

    public override IEnumerable<ValidationResult> Validate()
    {
        foreach (var (option, problem) in Settings.Problems())
            yield return this.Failure($"{Settings.QueueName} {option}", problem);
        if (PrefetchCount < 1)
            yield return this.Failure($"{Settings.QueueName} {nameof(PrefetchCount)}", $"is {PrefetchCount}: choose 1 or more");
        if (Settings.PurgeOnStartup)
            yield return this.Warning($"{Settings.QueueName} {nameof(PurgeOnStartup)}", "deletes what waits in the queue at every start");
        foreach (var result in base.Validate())
            yield return result;
    }

    public override ReceiveEndpointContext CreateReceiveEndpointContext() => CreateContext();

    public void Build(IHost host)
    {
        var context = CreateContext();
        var transport = new RedisReceiveTransport(context, Settings, Host.Liveness,
            (receiver, topology) => new EndpointMaintenance(receiver, topology, context, Settings, Host.Leases, Host.Consumed));
        var endpoint = new ReceiveEndpoint(transport, context);
        context.Endpoint = endpoint;
        host.AddReceiveEndpoint(Settings.QueueName, endpoint);
        ReceiveEndpoint = endpoint;
    }

    protected override bool IsAlreadyConfigured() => _inputAddress.IsValueCreated || base.IsAlreadyConfigured();

    RedisReceiveEndpointContext CreateContext()
    {
        ApplySpecifications(new Builder(this));
        return new RedisReceiveEndpointContext(Host, this, Settings.QueueName, Host.Engine, Host.Addresses, Host.PublishTopology);
    }

    /// <summary>Subscribes the queue to the topic of each message type that has a consumer.</summary>
    sealed class Builder(RedisReceiveEndpointConfiguration configuration) : ReceiveEndpointBuilder(configuration)
    {
        public override ConnectHandle ConnectConsumePipe<T>(IPipe<ConsumeContext<T>> pipe, ConnectPipeOptions options)
        {
            if (configuration.ConfigureConsumeTopology && options.HasFlag(ConnectPipeOptions.ConfigureConsumeTopology)
                && GlobalTopology.IsConsumableMessageType(typeof(T))
                && configuration._endpoint.Topology.Consume.GetMessageTopology<T>().ConfigureConsumeTopology)
                configuration.Subscribe<T>();

            return base.ConnectConsumePipe(pipe, options);
        }
    }
}
