using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.ConformanceTests.Workflows;

public sealed record CartOpened(Guid CorrelationId, TimeSpan Patience) : CorrelatedBy<Guid>;

public sealed record CartTouched(Guid CorrelationId, TimeSpan Patience) : CorrelatedBy<Guid>;

public sealed record CartPaid(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record CartForgotten(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record CartClosed(Guid CorrelationId, string How) : CorrelatedBy<Guid>;

public sealed class Cart : SagaStateMachineInstance
{
    public string CurrentState { get; set; } = "";

    public TimeSpan Patience { get; set; }

    public Guid? ForgottenToken { get; set; }

    public Guid CorrelationId { get; set; }
}

public sealed class CartStateMachine : MassTransitStateMachine<Cart>
{
    public CartStateMachine()
    {
        InstanceState(x => x.CurrentState);
        Schedule(() => Forgotten, x => x.ForgottenToken, s => s.DelayProvider = x => x.Saga.Patience);

        Initially(When(Opened).Then(x => x.Saga.Patience = x.Message.Patience)
            .Schedule(Forgotten, x => new CartForgotten(x.Saga.CorrelationId)).TransitionTo(Open));
        During(Open,
            When(Touched).Then(x => x.Saga.Patience = x.Message.Patience)
                .Schedule(Forgotten, x => new CartForgotten(x.Saga.CorrelationId)),
            When(Paid).Unschedule(Forgotten).Publish(x => new CartClosed(x.Saga.CorrelationId, "paid")).Finalize(),
            When(Forgotten!.Received).Publish(x => new CartClosed(x.Saga.CorrelationId, "forgotten")).Finalize());
    }

    public State Open { get; } = null!;

    public Event<CartOpened> Opened { get; } = null!;

    public Event<CartTouched> Touched { get; } = null!;

    public Event<CartPaid> Paid { get; } = null!;

    public Schedule<Cart, CartForgotten> Forgotten { get; } = null!;
}

public sealed class SagaTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    static readonly TimeSpan Long = TimeSpan.FromMinutes(30);

    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Saga_gets_what_it_has_scheduled()
    {
        var closed = new Inbox<CartClosed>();
        await using var bus = await StartAsync(closed);
        var id = NewId.NextGuid();

        await bus.Bus.Publish(new CartOpened(id, TimeSpan.FromMilliseconds(200)));

        Assert.Equal(new CartClosed(id, "forgotten"), await closed.SingleAsync());
        Assert.Equal(2, (await bus.DrainedAsync("carts")).Completed);
    }

    [Fact]
    public async Task Saga_takes_back_what_it_has_scheduled()
    {
        var closed = new Inbox<CartClosed>();
        await using var bus = await StartAsync(closed);
        var id = NewId.NextGuid();

        await bus.Bus.Publish(new CartOpened(id, Long));
        await Eventually.EqualAsync(1, async () => (await bus.CountAsync("carts")).Delayed);
        await bus.Bus.Publish(new CartPaid(id));

        Assert.Equal(new CartClosed(id, "paid"), await closed.SingleAsync());
        Assert.Equal(1, (await bus.DrainedAsync("carts")).Cancelled);
    }

    [Fact]
    public async Task Saga_that_schedules_anew_takes_back_the_old()
    {
        var closed = new Inbox<CartClosed>();
        await using var bus = await StartAsync(closed);
        var id = NewId.NextGuid();

        await bus.Bus.Publish(new CartOpened(id, Long));
        await Eventually.EqualAsync(1, async () => (await bus.CountAsync("carts")).Delayed);
        await bus.Bus.Publish(new CartTouched(id, TimeSpan.FromMilliseconds(100)));

        Assert.Equal(new CartClosed(id, "forgotten"), await closed.SingleAsync());
        Assert.Equal(1, (await bus.DrainedAsync("carts")).Cancelled);
    }

    Task<TestBus> StartAsync(Inbox<CartClosed> closed) => TestBus.StartAsync(_server, (context, cfg) =>
    {
        cfg.UseRedisMessageScheduler();
        cfg.ReceiveEndpoint("closed", e => e.Handler<CartClosed>(x => closed.AddAsync(x.Message)));
        cfg.ConfigureEndpoints(context);
    }, x =>
    {
        x.AddRedisMessageScheduler();
        x.AddSagaStateMachine<CartStateMachine, Cart>().InMemoryRepository().Endpoint(e => e.Name = "carts");
    });
}
