using System.Collections.Concurrent;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Tests.Configuration;

/// <summary>
/// What AddWebhooks is told of the transport, and the transport there is: once a wrong pair was found out by the first bundle.
/// </summary>
public sealed class TransportPairingTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();

    [Theory]
    [InlineData("redis", "in memory", "UsingRedis")]
    [InlineData("redis", "RabbitMQ", "w.UseRabbitMq()")]
    [InlineData("RabbitMQ", "in memory", "UsingRabbitMq")]
    [InlineData("RabbitMQ", "redis", "w.UseRedis()")]
    public async Task Bus_on_another_transport_than_webhooks_were_told_is_refused_at_start_with_the_cure(string told, string bus,
        string cure)
    {
        using var host = Build(x =>
        {
            x.AddWebhooks(w =>
            {
                w.AddProcessor<SingleProcessor>();
                Tell(w, told);
            });
            Configure(x, bus);
        });

        var refusal = await Assert.ThrowsAsync<ConfigurationException>(() => host.StartAsync());

        var reason = Assert.IsType<ConfigurationException>(refusal.InnerException).Message;
        Assert.Contains(cure, reason, StringComparison.Ordinal);
        Assert.Contains("AddWebhooks", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publisher_without_processors_and_without_a_host_is_refused_too()
    {
        await using var services = new ServiceCollection().AddMassTransit(x =>
        {
            x.AddWebhooks(w => w.UseRedis());
            x.UsingInMemory();
        }).BuildServiceProvider();

        var refusal = Assert.Throws<ConfigurationException>(services.GetRequiredService<IBusControl>);

        Assert.Contains("leave w.UseRedis() out", refusal.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Further_bus_on_another_transport_is_refused_as_the_first_is()
    {
        await using var services = new ServiceCollection().AddMassTransit<ISecondBus>(x =>
        {
            x.AddWebhooks(w => w.UseRedis());
            x.UsingInMemory();
        }).BuildServiceProvider();

        Assert.Contains("UsingRedis",
            Assert.Throws<ConfigurationException>(services.GetRequiredService<ISecondBus>).InnerException!.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Two_transports_for_one_bus_are_refused_with_the_cure()
    {
        var refusal = Assert.Throws<ConfigurationException>(() => new ServiceCollection().AddMassTransit(x => x.AddWebhooks(w =>
        {
            w.UseRedis();
            w.UseRabbitMq();
        })));

        Assert.Contains("call only the one of UseRedis(), UseRabbitMq()", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Processor_that_is_added_twice_is_refused_with_the_cure_and_not_replaced_in_silence()
    {
        var refusal = Assert.Throws<ConfigurationException>(() => new ServiceCollection().AddMassTransit(x =>
        {
            x.AddWebhooks(w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "one"));
            x.AddWebhooks(w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "two"));
        }));

        Assert.Contains("SingleProcessor was added to the bus twice", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_of_AddWebhooks_add_up_and_the_transport_may_be_named_last()
    {
        var prefix = TestNames.Unique("pairing");
        await using var app = await WebhookApp.StartAsync(x =>
        {
            x.AddWebhooks(w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "hooks"));
            x.AddWebhooks(w => w.AddProcessor<BulkProcessor>(p => p.QueueName = "bulk-hooks"));
            x.AddWebhooks(w => w.UseRedis());
            x.UsingRedis((context, cfg) =>
            {
                cfg.Host(redis.Server.ConfigurationOptions, h => h.KeyPrefix(prefix));
                cfg.ConfigureEndpoints(context);
            });
        }, x => x.AddSingleton(_journal));

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 50).Select(x => new Webhook { Id = $"{x}" }));

        await _journal.SawAsync(100);
        Assert.Equal(50, _journal.Batches.Sum());
        Assert.Equal(["bulk-hooks", "hooks"], await app.Services.GetRequiredService<IRedisQueues>().ListSubscribersAsync<WebhookBundle>());
    }

    [Theory]
    [InlineData("redis", "w.UseRedis()")]
    [InlineData("RabbitMQ", "w.UseRabbitMq()")]
    [InlineData("in memory", null)]
    public async Task Transport_that_webhooks_were_not_told_is_warned_of_where_there_is_a_call_for_it(string bus, string? call)
    {
        var log = new CollectingLogs();
        await using var services = new ServiceCollection().AddLogging(x => x.AddProvider(log)).AddMassTransit(x =>
        {
            x.AddWebhooks();
            Configure(x, bus);
        }).BuildServiceProvider();

        _ = services.GetRequiredService<IBusControl>();

        if (call is null)
            Assert.Empty(log.Warnings);
        else
            Assert.Contains(call, Assert.Single(log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transport_of_the_applications_own_is_named_by_UseTransport()
    {
        await using var app = await WebhookApp.StartAsync(x =>
        {
            x.AddWebhooks(w => w.UseTransport(_ => new OwnTransport()));
            x.UsingInMemory();
        });

        var refusal = await Assert.ThrowsAsync<NotSupportedException>(() => app.Queue.GetMetricsAsync());

        Assert.Contains("bus on Own cannot count", refusal.Message, StringComparison.Ordinal);
    }

    static void Tell(IWebhookConfigurator webhooks, string transport)
    {
        if (transport == "redis")
            webhooks.UseRedis();
        else
            webhooks.UseRabbitMq();
    }

    static void Configure(IBusRegistrationConfigurator x, string transport)
    {
        switch (transport)
        {
            case "redis":
                x.UsingRedis((context, cfg) => cfg.ConfigureEndpoints(context));
                break;
            case "RabbitMQ":
                x.UsingRabbitMq((context, cfg) => cfg.ConfigureEndpoints(context));
                break;
            default:
                x.UsingInMemory((context, cfg) => cfg.ConfigureEndpoints(context));
                break;
        }
    }

    IHost Build(Action<IBusRegistrationConfigurator> register)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(_journal);
        builder.Services.AddMassTransit(register);
        return builder.Build();
    }

    sealed class OwnTransport : IWebhookTransport
    {
        public string Name => "Own";

        public bool CanDelay => true;

        public void ApplyPriority(SendContext context, byte priority)
        {
        }
    }

    sealed class CollectingLogs : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Warnings { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
                Warnings.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
