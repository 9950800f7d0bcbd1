using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.LifecycleTests.Hosting;

/// <summary>
/// SendTimeout is one deadline for all that a send takes: looking for the subscribers, storing, tidying up. Once each step had its own.
/// </summary>
public sealed class SendDeadlineTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    const string Topic = "MassTransit.RedisTransport.LifecycleTests.Support:Notice";

    static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Looking for subscribers takes two answers, storing one: each step has time enough for itself, and not all of them together.
    /// </summary>
    static readonly TimeSpan Answer = TimeSpan.FromSeconds(0.75);

    readonly string _prefix = TestNames.Unique("deadline");

    [Theory]
    [InlineData("publish")]
    [InlineData("topic:notices")]
    [InlineData("exchange:notices")]
    public async Task Send_whose_steps_are_in_time_each_and_not_together_has_failed(string destination)
    {
        await using var server = await ServerSide.ConnectAsync(redis.Server, _prefix);
        await server.Engine.Topology.SubscribeAsync(Topic, "letters", temporary: false);
        await server.Engine.Topology.SubscribeAsync("notices", "letters", temporary: false);
        await using var proxy = await FaultProxy.ListenAsync(redis.Server.ConnectionString);
        await using var app = await StartAsync(proxy);
        var endpoint = destination == "publish" ? null : await app.Bus.GetSendEndpoint(new Uri(destination));

        proxy.ReplyDelay = Answer;
        var sending = endpoint is null ? app.Bus.Publish(new Notice("late")) : endpoint.Send(new Notice("late"));
        var exception = await Assert.ThrowsAsync<RedisTransportException>(() => Eventually.CompletesAsync(sending));
        proxy.Pass();

        Assert.True(exception.IsTransient);
        Assert.Contains("SendTimeout", exception.Message, StringComparison.Ordinal);
        await (endpoint is null ? app.Bus.Publish(new Notice("in time")) : endpoint.Send(new Notice("in time")));
        Assert.InRange((await server.CountAsync("letters")).Ready, 1, 2);
    }

    [Fact]
    public async Task Publish_does_not_fail_and_wait_for_a_subscription_that_cannot_be_taken_back_in_time()
    {
        await using var server = await ServerSide.ConnectAsync(redis.Server, _prefix);
        await server.Engine.Topology.SubscribeAsync(Topic, "letters", temporary: false);
        await server.Engine.Topology.SubscribeAsync(Topic, "gone", temporary: true);
        await using var proxy = await FaultProxy.ListenAsync(redis.Server.ConnectionString);
        await using var app = await StartAsync(proxy);

        // It is stored where it is wanted; what comes after that hangs.
        var hangs = proxy.DropReplies("SREM", thenCut: false);
        await Eventually.CompletesAsync(app.Bus.Publish(new Notice("stored")));
        await Eventually.CompletesAsync(hangs);

        Assert.Equal(1, (await server.CountAsync("letters")).Ready);
        proxy.Pass();
        proxy.Cut();
        await Eventually.CompletesAsync(app.Bus.Publish(new Notice("stored")));
        await Eventually.TrueAsync(async () => (await server.Engine.Topology.ReadAsync(Topic)).Count == 1,
            message: "the subscription to be taken back");
        Assert.Equal(2, (await server.CountAsync("letters")).Ready);
    }

    /// <summary>A sender that has listened to topics before, so that only the message's own steps are left.</summary>
    async Task<TestApp> StartAsync(FaultProxy proxy)
    {
        var app = await TestApp.StartAsync(redis.Server, x =>
        {
            x.Prefix = _prefix;
            x.UseHost = cfg => cfg.Host(proxy.ConnectionString, h =>
            {
                h.KeyPrefix(_prefix);
                h.SendTimeout = SendTimeout;
            });
        });
        await app.Bus.Publish(new Ping(1));
        return app;
    }
}
