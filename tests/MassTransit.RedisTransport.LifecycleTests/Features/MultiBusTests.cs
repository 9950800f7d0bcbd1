using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.LifecycleTests.Features;

public interface ISecondBus : IBus;

public sealed class MultiBusTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Two_buses_with_named_options_keep_to_their_own_prefix_and_database()
    {
        var prefix = TestNames.Unique("second");
        var first = new Inbox<int>();
        var second = new Inbox<int>();
        await using var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("same-name", e => Record(e, first));
            x.Services = services =>
            {
                services.AddOptions<RedisTransportOptions>(nameof(ISecondBus)).Configure(o =>
                {
                    o.ConnectionString = redis.Server.ConnectionString + ",defaultDatabase=3";
                    o.KeyPrefix = prefix;
                });
                services.AddMassTransit<ISecondBus>(r =>
                {
                    r.AddRedisMessageScheduler();
                    r.UsingRedis((_, cfg) => cfg.ReceiveEndpoint("same-name", e => Record(e, second)));
                });
            };
        });
        await using var side = await ServerSide.ConnectAsync(redis.Server, prefix, database: 3);

        var secondBus = app.Services.GetRequiredService<ISecondBus>();
        Assert.EndsWith($"/3/{prefix}/same-name", (await secondBus.GetSendEndpoint(new Uri("queue:same-name")) is { }
            ? new Uri(secondBus.Address, "same-name").ToString() : ""), StringComparison.Ordinal);
        await app.Bus.Publish(new Ping(1));
        await secondBus.Publish(new Ping(2));
        await first.WaitAsync(1);
        await second.WaitAsync(1);
        await side.EmptyAsync("same-name");
        Assert.Equal([1], first.Items);
        Assert.Equal([2], second.Items);
        Assert.Equal(1, (await side.CountAsync("same-name")).Completed);
    }

    [Fact]
    public async Task Second_bus_is_injected_and_schedules_by_itself()
    {
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(redis.Server, x => x.Services = services => services.AddMassTransit<ISecondBus>(r =>
        {
            r.AddRedisMessageScheduler();
            r.UsingRedis((_, cfg) =>
            {
                cfg.Host(redis.Server.ConfigurationOptions, h => h.KeyPrefix(TestNames.Unique("second")));
                cfg.ReceiveEndpoint("scheduled", e => Record(e, received));
            });
        }));

        await using var scope = app.Services.CreateAsyncScope();
        var publish = scope.ServiceProvider.GetRequiredService<DependencyInjection.Bind<ISecondBus, IPublishEndpoint>>().Value;
        await publish.Publish(new Ping(1));
        var scheduler = scope.ServiceProvider.GetRequiredService<DependencyInjection.Bind<ISecondBus, IMessageScheduler>>().Value;
        await scheduler.ScheduleSend(new Uri("queue:scheduled"), TimeSpan.FromMilliseconds(100), new Ping(2));
        await received.WaitAsync(2);
        Assert.Equal([1, 2], received.Items);
    }

    /// <summary>Once it was the first bus's, without a word.</summary>
    [Fact]
    public void What_is_added_through_a_variable_that_hides_the_type_of_the_bus_is_that_buss_all_the_same()
    {
        var services = new ServiceCollection();
        services.AddMassTransit<ISecondBus>(r =>
        {
            IBusRegistrationConfigurator hidden = r;
            hidden.AddRedisQueues();
            hidden.AddRedisMessageScheduler();
            r.UsingRedis();
        });

        Assert.Contains(services, x => x.ServiceType == typeof(DependencyInjection.Bind<ISecondBus, IRedisQueues>));
        Assert.Contains(services, x => x.ServiceType == typeof(DependencyInjection.Bind<ISecondBus, IMessageScheduler>));
        Assert.DoesNotContain(services, x => x.ServiceType == typeof(IRedisQueues) || x.ServiceType == typeof(IMessageScheduler));
    }

    static void Record(IReceiveEndpointConfigurator endpoint, Inbox<int> inbox) => endpoint.Handler<Ping>(context =>
    {
        inbox.Add(context.Message.Number);
        return Task.CompletedTask;
    });
}
