using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.LifecycleTests.Hosting;

public sealed class ClusterTests(SharedCluster cluster) : IClassFixture<SharedCluster>
{
    [SkippableFact]
    public async Task Queues_in_different_slots_all_receive_a_publish()
    {
        cluster.Server.SkipIfUnavailable();
        const int queues = 8;
        var received = new Inbox<string>();
        await using var app = await TestApp.StartAsync(cluster.Server, x => x.Bus = (_, cfg) =>
        {
            for (var i = 0; i < queues; i++)
            {
                var queue = $"slot-{i}";
                cfg.ReceiveEndpoint(queue, e => e.Handler<Ping>(context =>
                {
                    received.Add($"{queue} {context.Message.Number}");
                    return Task.CompletedTask;
                }));
            }
        });
        for (var i = 0; i < 10; i++)
            await app.Bus.Publish(new Ping(i));
        await received.WaitAsync(queues * 10);
        Assert.Equal(queues * 10, received.Items.Distinct().Count());
    }

    [SkippableFact]
    public async Task Failed_messages_move_to_the_error_queue_in_one_slot()
    {
        cluster.Server.SkipIfUnavailable();
        await using var app = await TestApp.StartAsync(cluster.Server, x => x.Bus = (_, cfg) =>
            cfg.ReceiveEndpoint("failing", e => e.Handler<Ping>(_ => throw new InvalidOperationException("no"))));
        await using var server = await ServerSide.ConnectAsync(cluster.Server, app.Prefix);
        for (var i = 0; i < 5; i++)
            await app.SendAsync("failing", new Ping(i));
        await Eventually.EqualAsync(5, async () => (int)(await server.CountAsync("failing_error")).Ready,
            message: "all are in the error queue");
        await server.EmptyAsync("failing");
    }

    [SkippableFact]
    public async Task Scheduled_message_is_cancelled_and_another_one_comes()
    {
        cluster.Server.SkipIfUnavailable();
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(cluster.Server, x =>
        {
            x.Register = r => r.AddRedisMessageScheduler();
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("scheduled", e => e.Handler<Ping>(context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            }));
        });
        await using var server = await ServerSide.ConnectAsync(cluster.Server, app.Prefix);
        await using var scope = app.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        var queue = new Uri("queue:scheduled");

        var handle = await scheduler.ScheduleSend(queue, TimeSpan.FromHours(1), new Ping(1));
        await scheduler.ScheduleSend(queue, TimeSpan.FromMilliseconds(200), new Ping(2));
        await scheduler.CancelScheduledSend(queue, handle.TokenId);
        await received.WaitAsync(1);
        await server.EmptyAsync("scheduled");
        Assert.Equal([2], received.Items);
    }

    [SkippableFact]
    public async Task Batches_and_requests_work()
    {
        cluster.Server.SkipIfUnavailable();
        var sizes = new Inbox<int>();
        await using var app = await TestApp.StartAsync(cluster.Server, x =>
        {
            x.Services = s => s.AddSingleton(sizes);
            x.Register = r => r.AddConsumer<BatchConsumer>(c => c.Options<BatchOptions>(o => o.SetMessageLimit(10).SetTimeLimit(s: 1)))
                .Endpoint(e => e.Name = "batched");
            x.Bus = (context, cfg) =>
            {
                cfg.ReceiveEndpoint("answers", e => e.Handler<Question>(c => c.RespondAsync(new Pong(c.Message.Number))));
                cfg.ConfigureEndpoints(context);
            };
        });
        await app.Bus.PublishBatch(Enumerable.Range(0, 30).Select(i => new Ping(i)));
        await Eventually.TrueAsync(() => sizes.Items.Sum() == 30, message: "all are in batches");
        Assert.Contains(sizes.Items, x => x > 1);
        Assert.Equal(4, (await app.Bus.Request<Question, Pong>(new Question(4))).Message.Number);
    }

    sealed class BatchConsumer(Inbox<int> sizes) : IConsumer<Batch<Ping>>
    {
        public Task Consume(ConsumeContext<Batch<Ping>> context)
        {
            sizes.Add(context.Message.Length);
            return Task.CompletedTask;
        }
    }
}
