using System.Collections.Concurrent;
using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Bundles;

/// <summary>
/// Bundles that could not be taken apart, because the server was away just then: once they were retried and redelivered whole, and webhooks
/// that had long succeeded ran up to five times.
/// </summary>
public sealed class InterruptedBundleTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();
    readonly Faults _faults = new();
    readonly string _prefix = TestNames.Unique("interrupted");

    public static TheoryData<string> Pipelines => ["plain", "retry", "redelivery", "timeout", "swallowing filter", "retrying filter"];

    [Theory]
    [MemberData(nameof(Pipelines))]
    public async Task Interruption_passes_whatever_filters_there_are_and_what_is_done_is_not_done_again(string pipeline)
    {
        _faults.SplitsThatFail = 3;
        _journal.Answer = x => x.Webhook.Id is "5" or "6" or "7" ? WebhookResult.Fail("no") : WebhookResult.Success();
        await using var app = await RedisApp.StartAsync(redis.Server, _prefix, _journal, w =>
        {
            FailingTransport.Use(w, _faults);
            w.AddProcessor<BulkProcessor>(p => p.QueueName = "hooks");
        }, x =>
        {
            x.AddConsumer<FaultConsumer>();
            x.AddSingleton(_faults);
            x.AddConfigureEndpointsCallback((context, name, endpoint) =>
            {
                if (name != "hooks")
                    return;
                switch (pipeline)
                {
                    case "retry":
                        endpoint.UseMessageRetry(r => Once(r).Immediate(5));
                        break;
                    case "redelivery":
                        endpoint.UseDelayedRedelivery(r => Once(r).Intervals(10, 10, 10));
                        endpoint.UseMessageRetry(r => Once(r).Interval(2, 10));
                        break;
                    case "timeout":
                        endpoint.UseDelayedRedelivery(r => Once(r).Intervals(10, 10, 10));
                        endpoint.UseTimeout(t => t.Timeout = TimeSpan.FromMinutes(1));
                        break;
                    case "swallowing filter":
                        endpoint.UseConsumeFilter(typeof(SwallowingFilter<>), context);
                        break;
                    case "retrying filter":
                        endpoint.UseConsumeFilter(typeof(RetryingFilter<>), context);
                        break;
                }
            });
        });

        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 100).Select(x => new Webhook { Id = $"{x}" }));

        await Eventually.TrueAsync(async () => await app.Queue.GetMetricsAsync() is
        {
            DeadLetters: 3, Completed: 97, QueueSize: 0,
            Processing: 0, Delayed: 0
        }, message: "97 to be done and 3 dead");
        Assert.Equal(0, _faults.SplitsThatFail);
        Assert.Equal(100, _journal.Seen.Count);
        Assert.All(_journal.Seen.GroupBy(x => x.Webhook.Id), x => Assert.Single(x));
        Assert.DoesNotContain(_faults.Published, x => x.Contains("Bundle", StringComparison.Ordinal));
        Assert.All((await app.DeadLetters.ListAsync("hooks")).Entries,
            x => Assert.Equal("MassTransit.Webhooks.WebhookFailedException", x.ExceptionType));
    }

    [Fact]
    public async Task Another_process_that_gets_it_takes_it_apart_first_and_it_has_not_counted_as_an_attempt()
    {
        _faults.SplitsThatFail = int.MaxValue;
        var first = new Journal { Answer = _ => WebhookResult.Retry(reason: "The backend is down.") };
        await using (var app = await RedisApp.StartAsync(redis.Server, _prefix, first, w =>
        {
            FailingTransport.Use(w, _faults);
            w.AddProcessor<BulkProcessor>(p => p.QueueName = "hooks");
        }))
        {
            await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 100).Select(x => new Webhook { Id = $"{x}" }));
            await Eventually.TrueAsync(() => _faults.Failed >= 2, message: "it comes back to the first");
        }

        await using var second =
            await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<BulkProcessor>(p => p.QueueName = "hooks"),
            x => x.AddConfigureEndpointsCallback((_, endpoint) => ((IRedisReceiveEndpointConfigurator)endpoint).MaxDeliveryCount = 1));
        await _journal.SawAsync(100);

        Assert.Equal(100, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        Assert.All(_journal.Seen, x => Assert.False(x.DeliveredBefore));
        Assert.Equal(100, first.Seen.Count);
        await Eventually.TrueAsync(async () => await second.Queue.GetMetricsAsync() is
        {
            Completed: 100, DeadLetters: 0, QueueSize: 0,
            Processing: 0
        }, message: "all to be done");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Bundle_on_its_last_delivery_is_taken_apart_and_each_webhook_is_judged_alone(int maxDeliveryCount)
    {
        var gate = new TaskCompletionSource();
        var dead = new Journal();
        await using var first = await StartAsync(dead, p => (p.Workers, p.BatchSize) = (1, 100), maxDeliveryCount, gate);
        await first.Queue.EnqueueBatchAsync(Enumerable.Range(0, 200).Select(x => new Webhook { Id = $"{x}" }));
        await dead.SawAsync(100);
        await Eventually.TrueAsync(async () => (await first.Queue.GetMetricsAsync()).Processing == 200, message: "the first to hold all");

        // It dies, as often as a message may be delivered: what it held is on its last delivery.
        await using var second =
            await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "hooks"),
            x => x.AddConfigureEndpointsCallback((_, endpoint) => ((IRedisReceiveEndpointConfigurator)endpoint).MaxDeliveryCount =
                maxDeliveryCount));
        await RedisApp.SetDeliveriesAsync(redis.Server, _prefix, "{hooks}", maxDeliveryCount - 1);
        await RedisApp.EndLeasesAsync(redis.Server, _prefix);
        await second.Queue.EnqueueAsync(new Webhook { Id = "wakes the second" });

        await _journal.SawAsync(201);
        Assert.Equal(201, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
        gate.SetResult();
        await Eventually.TrueAsync(async () => await second.Queue.GetMetricsAsync() is { QueueSize: 0, Processing: 0, DeadLetters: 0 },
            message: "everything to be done, nothing dead");
    }

    /// <summary>What a processor has given up is not the question here.</summary>
    static T Once<T>(T retry)
        where T : IExceptionConfigurator
    {
        retry.Ignore<WebhookFailedException>();
        return retry;
    }

    Task<RedisApp> StartAsync(Journal journal, Action<IWebhookProcessorConfigurator> configure, int maxDeliveryCount,
        TaskCompletionSource gate) =>
        RedisApp.StartAsync(redis.Server, _prefix, journal, w => w.AddProcessor<HangingProcessor>(p =>
        {
            p.QueueName = "hooks";
            configure(p);
        }), x =>
        {
            x.AddSingleton(gate);
            x.AddConfigureEndpointsCallback((_, endpoint) => ((IRedisReceiveEndpointConfigurator)endpoint).MaxDeliveryCount =
                maxDeliveryCount);
        });

    sealed class Faults
    {
        int _splits;
        int _failed;

        public int SplitsThatFail
        {
            get => Math.Max(0, Volatile.Read(ref _splits));
            set => _splits = value;
        }

        public int Failed => Volatile.Read(ref _failed);

        public ConcurrentQueue<string> Published { get; } = new();

        public bool Next()
        {
            if (Interlocked.Decrement(ref _splits) < 0)
                return false;
            Interlocked.Increment(ref _failed);
            return true;
        }
    }

    /// <summary>A server that is away whenever a bundle is to be taken apart.</summary>
    sealed class FailingTransport(IBundleConsuming inner, Faults faults) : IBundleConsuming
    {
        public static void Use(IWebhookConfigurator webhooks, Faults faults)
        {
            var redis = webhooks.Registration.Single(x => x.ServiceType == typeof(Bind<IBus, IBundleConsuming>)).ImplementationFactory!;
            webhooks.Registration.ReplaceInBus<IBus, IBundleConsuming>(x =>
                new FailingTransport(((Bind<IBus, IBundleConsuming>)redis(x)).Value, faults));
        }

        public int GetMessageCount(ConsumeContext context) => inner.GetMessageCount(context);

        public void Return(ConsumeContext context) => inner.Return(context);

        public bool IsReturned(ConsumeContext context) => inner.IsReturned(context);

        public bool WasDelivered(ConsumeContext context) => inner.WasDelivered(context);

        public Task SplitAsync(ConsumeContext<WebhookBundle> context, IReadOnlyList<BundlePart> parts) =>
            faults.Next() ? throw new TimeoutException("The server is away.") : inner.SplitAsync(context, parts);
    }

    sealed class FaultConsumer(Faults faults) : IConsumer<Fault>
    {
        public Task Consume(ConsumeContext<Fault> context)
        {
            foreach (var type in context.Message.FaultMessageTypes)
                faults.Published.Enqueue(type);
            return Task.CompletedTask;
        }
    }

    public sealed class SwallowingFilter<T> : IFilter<ConsumeContext<T>>
        where T : class
    {
        public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
        {
            try
            {
                await next.Send(context);
            }
            catch (OperationCanceledException)
            {
                // Somebody's idea of a quiet log.
            }
        }

        public void Probe(ProbeContext context)
        {
        }
    }

    public sealed class RetryingFilter<T> : IFilter<ConsumeContext<T>>
        where T : class
    {
        public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
        {
            try
            {
                await next.Send(context);
            }
            catch (OperationCanceledException)
            {
                await next.Send(context);
            }
        }

        public void Probe(ProbeContext context)
        {
        }
    }

    sealed class HangingProcessor(Journal journal, TaskCompletionSource gate) : IWebhookProcessor
    {
        public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            (await ProcessBatchAsync([webhook], cancellationToken))[0];

        public async Task<IReadOnlyList<WebhookResult>> ProcessBatchAsync(IReadOnlyList<WebhookContext> batch,
            CancellationToken cancellationToken)
        {
            foreach (var webhook in batch)
                journal.Seen.Enqueue(webhook);
            await gate.Task.WaitAsync(cancellationToken);
            return [.. batch.Select(_ => WebhookResult.Success())];
        }
    }
}
