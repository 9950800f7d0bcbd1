namespace MassTransit.Webhooks.Benchmarks;

/// <summary>A transport of MassTransit, and how a bus is put on it.</summary>
internal sealed record Transport(string Name,
    Action<IBusRegistrationConfigurator, Action<IBusRegistrationContext, IReceiveEndpointConfigurator>> Configure)
{
    public const string Redis = "Redis";
    public const string InMemory = "in-memory";
    public const string RabbitMq = "RabbitMQ";

    const string Queue = "bench";

    public static IEnumerable<Transport> All(Servers servers)
    {
        yield return OnRedis(servers);
        yield return new Transport(InMemory, (x, endpoint) =>
            x.UsingInMemory((context, cfg) => cfg.ReceiveEndpoint(Queue, e => endpoint(context, e))));
        if (!servers.RabbitMq.IsAvailable)
            yield break;

        yield return new Transport(RabbitMq, (x, endpoint) => x.UsingRabbitMq((context, cfg) =>
        {
            cfg.Host(new Uri(servers.RabbitMq.ConnectionString));
            cfg.ReceiveEndpoint($"{Queue}-{NewId.NextGuid():N}", e => endpoint(context, e));
        }));
    }

    public static Transport OnRedis(Servers servers) => OnRedis(servers.Redis.ConnectionString);

    public static Transport OnRedis(string connectionString) => new(Redis, (x, endpoint) => x.UsingRedis((context, cfg) =>
    {
        cfg.Host(connectionString, h => h.KeyPrefix($"bench-{NewId.NextGuid():N}"));
        cfg.ReceiveEndpoint(Queue, e => endpoint(context, e));
    }));
}
