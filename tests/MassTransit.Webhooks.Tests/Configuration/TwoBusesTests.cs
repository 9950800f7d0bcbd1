using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Configuration;

/// <summary>A second bus of the process.</summary>
public interface ISecondBus : IBus;

/// <summary>Webhooks on two buses: once those of the second went to the first.</summary>
public sealed class TwoBusesTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();
    readonly string _first = TestNames.Unique("first");
    readonly string _second = TestNames.Unique("second");

    [Fact]
    public async Task Each_bus_has_its_own_queue_counts_dead_letters_and_figures_also_of_the_same_processor()
    {
        _journal.Answer = x => x.Webhook.EventType == "bad" ? WebhookResult.Fail("no") : WebhookResult.Success();
        await using var app = await StartAsync(w => w.AddProcessor<BulkProcessor>(p => p.QueueName = "one"),
            w => w.AddProcessor<BulkProcessor>(p => p.QueueName = "two"));
        var second = Get<IWebhookQueue>(app);

        await app.Queue.EnqueueBatchAsync(Webhooks("a", 30));
        await second.EnqueueBatchAsync(Webhooks("b", 50));
        await second.EnqueueAsync(new Webhook { Id = "bad", EventType = "bad" });

        await _journal.SawAsync(81);
        await Eventually.TrueAsync(async () => await app.Queue.GetMetricsAsync() is
        {
            Completed: 30, DeadLetters: 0,
            Queues: [{ Queue: "one" }]
        }, message: "30 to be done on the first");
        await Eventually.TrueAsync(async () => await second.GetMetricsAsync() is
        {
            Completed: 50, DeadLetters: 1,
            Queues: [{ Queue: "two" }]
        }, message: "50 to be done on the second");
        Assert.Empty((await Get<IWebhookDeadLetters>(app, first: true).ListAsync("one")).Entries);
        Assert.Equal("bad", Assert.Single((await Get<IWebhookDeadLetters>(app).ListAsync("two")).Entries).Webhook!.Id);
        Assert.Equal([("BulkProcessor", 30L), ("ISecondBus/BulkProcessor", 50L)],
            app.Statistics.Read().Select(x => (x.Processor, x.Succeeded)));
    }

    [Fact]
    public async Task First_bus_is_found_by_its_bind_too()
    {
        await using var app = await StartAsync(_ => { }, _ => { });

        Assert.Same(app.Queue, Get<IWebhookQueue>(app, first: true));
        Assert.NotSame(app.Queue, Get<IWebhookQueue>(app));
    }

    [Fact]
    public async Task Second_bus_may_be_on_another_transport_and_be_registered_through_a_variable_that_hides_its_type()
    {
        await using var app = await WebhookApp.StartAsync(x =>
        {
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                w.AddProcessor<BulkProcessor>();
            });
            OnRedis(x, _first);
        }, services => services.AddSingleton(_journal).AddMassTransit<ISecondBus>(x =>
        {
            IBusRegistrationConfigurator hidden = x;
            hidden.AddWebhooks(w => w.AddProcessor<SingleProcessor>());
            x.UsingInMemory((context, cfg) => cfg.ConfigureEndpoints(context));
        }));

        await Get<IWebhookQueue>(app).EnqueueBatchAsync(Webhooks("b", 5));

        await _journal.SawAsync(5);
        await Assert.ThrowsAsync<NotSupportedException>(() => Get<IWebhookQueue>(app).GetMetricsAsync());
        Assert.Equal(0, (await app.Queue.GetMetricsAsync()).Completed);
        Assert.Equal(["ISecondBus/SingleProcessor"], app.Statistics.Read().Where(x => x.Succeeded > 0).Select(x => x.Processor));
    }

    [Fact]
    public async Task Application_whose_only_bus_has_a_type_has_no_other_queue()
    {
        await using var services = new ServiceCollection().AddSingleton(_journal).AddMassTransit<ISecondBus>(x =>
        {
            x.AddWebhooks(w => w.AddProcessor<SingleProcessor>());
            x.UsingInMemory((context, cfg) => cfg.ConfigureEndpoints(context));
        }).BuildServiceProvider();

        Assert.Null(services.GetService<IWebhookQueue>());
        Assert.NotNull(services.GetRequiredService<Bind<ISecondBus, IWebhookQueue>>().Value);
    }

    static IEnumerable<Webhook> Webhooks(string id, int count) => Enumerable.Range(0, count).Select(x => new Webhook { Id = $"{id}{x}" });

    static T Get<T>(WebhookApp app, bool first = false)
        where T : class =>
        first ? app.Services.GetRequiredService<Bind<IBus, T>>().Value : app.Services.GetRequiredService<Bind<ISecondBus, T>>().Value;

    void OnRedis(IBusRegistrationConfigurator x, string prefix) => x.UsingRedis((context, cfg) =>
    {
        cfg.Host(redis.Server.ConfigurationOptions, h => h.KeyPrefix(prefix));
        cfg.ConfigureEndpoints(context);
    });

    Task<WebhookApp> StartAsync(Action<IWebhookConfigurator> first, Action<IWebhookConfigurator> second) => WebhookApp.StartAsync(x =>
    {
        x.AddWebhooks(w =>
        {
            w.UseRedis();
            first(w);
        });
        OnRedis(x, _first);
    }, services => services.AddSingleton(_journal).AddMassTransit<ISecondBus>(x =>
    {
        x.AddWebhooks(w =>
        {
            second(w);
            w.UseRedis();
        });
        OnRedis(x, _second);
    }));
}
