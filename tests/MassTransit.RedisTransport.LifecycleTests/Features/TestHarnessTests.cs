using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.LifecycleTests.Features;

public sealed class TestHarnessTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Test_harness_sees_what_is_published_sent_and_consumed()
    {
        await using var provider = new ServiceCollection()
            .AddMassTransitTestHarness(x =>
            {
                x.SetTestTimeouts(testTimeout: TimeSpan.FromSeconds(30), testInactivityTimeout: TimeSpan.FromSeconds(10));
                x.AddConsumer<AnsweringConsumer>().Endpoint(e => e.Name = "answering");
                x.UsingRedis((context, cfg) =>
                {
                    cfg.Host(redis.Server.ConfigurationOptions, h => h.KeyPrefix(TestNames.Unique("harness")));
                    cfg.ConfigureEndpoints(context);
                });
            })
            .BuildServiceProvider(true);
        var harness = await provider.StartTestHarness();

        var client = harness.GetRequestClient<Ping>();
        var answer = await client.GetResponse<Pong>(new Ping(20));
        Assert.Equal(21, answer.Message.Number);
        await harness.Bus.Publish(new Notice("published"));
        await (await harness.Bus.GetSendEndpoint(new Uri("queue:answering"))).Send(new Notice("sent"));

        Assert.True(await harness.Consumed.Any<Ping>());
        Assert.True(await harness.Sent.Any<Pong>());
        Assert.True(await harness.Published.Any<Notice>(x => x.Context.Message.Text == "published"));
        Assert.True(await harness.Sent.Any<Notice>(x => x.Context.Message.Text == "sent"));
        var consumer = harness.GetConsumerHarness<AnsweringConsumer>();
        Assert.True(await consumer.Consumed.Any<Notice>(x => x.Context.Message.Text == "sent"));
        Assert.True(await consumer.Consumed.Any<Notice>(x => x.Context.Message.Text == "published"));
        await harness.Stop();
    }

    sealed class AnsweringConsumer : IConsumer<Ping>, IConsumer<Notice>
    {
        public Task Consume(ConsumeContext<Ping> context) => context.RespondAsync(new Pong(context.Message.Number + 1));

        public Task Consume(ConsumeContext<Notice> context) => Task.CompletedTask;
    }
}
