using MassTransit.Middleware;
using MassTransit.RedisTransport.Broker;
using MassTransit.Transports;

namespace MassTransit.RedisTransport.BusGlue;

/// <summary>Starts, connects and stops receive endpoints, and closes the connection last.</summary>
internal sealed class RedisHost(RedisHostConfiguration configuration, IBusTopology topology)
    : BaseHost(configuration, topology), IHost<IRedisReceiveEndpointConfigurator>
{
    public override HostReceiveEndpointHandle ConnectReceiveEndpoint(IEndpointDefinition definition,
        IEndpointNameFormatter? endpointNameFormatter,
        Action<IReceiveEndpointConfigurator>? configureEndpoint = null) =>
        ConnectReceiveEndpoint(definition, endpointNameFormatter, (Action<IRedisReceiveEndpointConfigurator>?)configureEndpoint);

    public HostReceiveEndpointHandle ConnectReceiveEndpoint(IEndpointDefinition definition,
        IEndpointNameFormatter? endpointNameFormatter = null,
        Action<IRedisReceiveEndpointConfigurator>? configureEndpoint = null) =>
        ConnectReceiveEndpoint(RedisHostConfiguration.NameOf(definition, endpointNameFormatter),
            configuration.WithDefinition(definition, configureEndpoint));

    public override HostReceiveEndpointHandle ConnectReceiveEndpoint(string queueName,
        Action<IReceiveEndpointConfigurator>? configureEndpoint = null) =>
        ConnectReceiveEndpoint(queueName, (Action<IRedisReceiveEndpointConfigurator>?)configureEndpoint);

    public HostReceiveEndpointHandle ConnectReceiveEndpoint(string queueName,
        Action<IRedisReceiveEndpointConfigurator>? configureEndpoint = null)
    {
        LogContext.SetCurrentIfNull(configuration.LogContext);
        var endpoint = configuration.CreateReceiveEndpointConfiguration(queueName, configureEndpoint);
        TransportLogMessages.ConnectReceiveEndpoint(endpoint.InputAddress);
        endpoint.Validate().ThrowIfContainsFailure("The receive endpoint configuration is invalid:");
        endpoint.Build(this);
        return ReceiveEndpoints.Start(queueName);
    }

    protected override void Probe(ProbeContext context)
    {
        context.Add("type", "Redis");
        context.Add("hostAddress", configuration.HostAddress);
    }

    protected override IAgent[] GetAgentHandles() => [new EngineAgent(configuration.Engine)];

    /// <summary>Closes the engine. It is stopped after all endpoints.</summary>
    sealed class EngineAgent(EngineHost engine) : Agent
    {
        protected override async Task StopAgent(StopContext context)
        {
            await engine.CloseAsync().ConfigureAwait(false);
            await base.StopAgent(context).ConfigureAwait(false);
        }
    }
}
