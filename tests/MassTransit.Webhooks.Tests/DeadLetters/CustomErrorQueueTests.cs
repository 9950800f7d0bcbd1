using System.Reflection;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.DeadLetters;

/// <summary>
/// A processor whose dead letters go to a queue with a name of its own, which others use too: an operator finds his by the processor's
/// queue.
/// </summary>
public sealed class CustomErrorQueueTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    const string Graveyard = "graveyard";

    readonly Journal _journal = new();
    readonly string _prefix = TestNames.Unique("graveyard");

    [Fact]
    public async Task They_are_found_also_if_the_application_lists_its_queues_by_a_class_of_its_own()
    {
        _journal.Answer = _ => WebhookResult.Fail("Nobody knows this customer.");
        await using var app = await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<SingleProcessor>(p =>
        {
            p.QueueName = "hooks";
            p.Retry(r => r.None());
            p.Redelivery(r => r.None());
        }), bus: (_, cfg) => cfg.SendTopology.ErrorQueueNameFormatter = new GraveyardName());
        await app.Queue.EnqueueAsync(new Webhook { Id = "1" });
        await using var administration = RedisAdministration.Connect(redis.Server.ConnectionString, _prefix);
        var own = DispatchProxy.Create<IRedisQueues, Forwarding>();
        ((Forwarding)(object)own).Target = administration.Queues;

        await using var other = await RedisApp.StartAsync(redis.Server, _prefix, new Journal(), start: false,
            services: x => x.AddSingleton(own));

        Assert.Same(own, other.Queues);
        await Eventually.TrueAsync(async () => (await other.DeadLetters.ListAsync("hooks")).Entries is [{ Webhook.Id: "1" }],
            message: "the dead letter is found");
    }

    /// <summary>Passes every call on.</summary>
    public class Forwarding : DispatchProxy
    {
        public IRedisQueues? Target { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Invoke(Target, args);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dead_letters_of_a_processor_are_found_by_its_queue_and_those_of_others_are_left_alone(bool bySomebodyElse)
    {
        _journal.Answer = _ => WebhookResult.Fail("Nobody knows this customer.");
        await using var app = await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<SingleProcessor>(p =>
        {
            p.QueueName = "hooks";
            p.Retry(r => r.None());
            p.Redelivery(r => r.None());
        }), bus: (_, cfg) =>
        {
            cfg.SendTopology.ErrorQueueNameFormatter = new GraveyardName();
            cfg.ReceiveEndpoint("orders", e => e.Handler<Order>(_ => throw new TimeoutException("The backend is away.")));
        });
        await app.Queue.EnqueueBatchAsync(Enumerable.Range(0, 4)
            .Select(x => new Webhook { Id = $"{x}", Receiver = x < 2 ? "github" : "stripe" }));
        var endpoint = await app.Bus.GetSendEndpoint(new Uri("queue:orders"));
        for (var i = 0; i < 3; i++)
            await endpoint.Send(new Order());
        await Eventually.EqualAsync(7, async () => (await app.Queues.ListAsync()).FirstOrDefault(x => x.Name == Graveyard)?.Ready ?? 0,
            message: "all to be dead");

        // A command line has none of the endpoints.
        await using var other = await RedisApp.StartAsync(redis.Server, _prefix, new Journal(), start: false);
        var letters = bySomebodyElse ? other.DeadLetters : app.DeadLetters;
        Assert.Equal(new WebhookDeadLetterQueue(Graveyard, "hooks", 7),
            Assert.Single(await letters.ListQueuesAsync(), x => x.Queue == Graveyard));
        var hooks = (await letters.ListAsync("hooks")).Entries;
        Assert.Equal(["0", "1", "2", "3"], hooks.Select(x => x.Webhook!.Id).Order(StringComparer.Ordinal));
        Assert.All(hooks, x => Assert.Equal((Graveyard, "hooks"), (x.Queue, x.OriginalQueue)));
        Assert.Equal(7, (await letters.ListAsync(Graveyard)).Entries.Count);
        var order = (await letters.ListAsync(Graveyard)).Entries.First(x => x.OriginalQueue == "orders").Key;
        Assert.NotNull(await letters.GetAsync(Graveyard, order));
        Assert.Null(await letters.GetAsync("hooks", order));

        _journal.Answer = _ => WebhookResult.Success();
        Assert.Equal(1, await letters.ReplayAsync("hooks", [hooks[0].Key]));
        Assert.Equal(0, await letters.PurgeAsync("hooks", new WebhookDeadLetterFilter { ExceptionType = nameof(TimeoutException) }));
        var rest = hooks.Skip(1).ToArray();
        var receiver = rest[0].Webhook!.Receiver;
        Assert.Equal(rest.Count(x => x.Webhook!.Receiver == receiver),
            await letters.ReplayAsync("hooks", new WebhookDeadLetterFilter { Receiver = receiver }));
        Assert.Equal(rest.Count(x => x.Webhook!.Receiver != receiver), await letters.ReplayAllAsync("hooks"));
        await _journal.SawAsync(8);
        Assert.Equal(0, await letters.PurgeAllAsync("hooks"));

        Assert.Equal(["orders", "orders", "orders"], (await letters.ListAsync(Graveyard)).Entries.Select(x => x.OriginalQueue));
        Assert.Equal(3, await letters.PurgeAllAsync(Graveyard));
    }

    public sealed record Order;

    sealed class GraveyardName : IErrorQueueNameFormatter
    {
        public string FormatErrorQueueName(string queueName) => Graveyard;
    }
}
