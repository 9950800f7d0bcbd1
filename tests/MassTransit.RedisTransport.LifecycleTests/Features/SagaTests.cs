using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.LifecycleTests.Features;

public sealed record CartOpened(Guid CartId, int ExpiresInMilliseconds);

public sealed record CartPaid(Guid CartId);

public sealed record CartExpired(Guid CartId);

public sealed record CheckStock(Guid CartId);

public sealed record StockChecked(Guid CartId, bool Available);

public sealed record PriceCheck(Guid CartId);

public sealed record PriceFound(Guid CartId, int Price);

public sealed class Cart : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public Guid? ExpiryTokenId { get; set; }

    public Guid? PriceRequestId { get; set; }

    public int Delay { get; set; }
}

public sealed class SagaTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Scheduled_timeout_fires_in_the_saga()
    {
        var trace = new Inbox<string>();
        await using var app = await StartAsync(trace);
        await app.Bus.Publish(new CartOpened(NewId.NextGuid(), 200));
        await trace.WaitAsync(2);
        Assert.Equal(["opened", "expired"], trace.Items);
    }

    [Fact]
    public async Task Unscheduled_timeout_is_taken_out_of_the_queue()
    {
        var trace = new Inbox<string>();
        await using var app = await StartAsync(trace);
        await using var server = await ServerSide.ConnectAsync(redis.Server, app.Prefix);
        var cart = NewId.NextGuid();

        await app.Bus.Publish(new CartOpened(cart, 3_600_000));
        await trace.WaitAsync(1);
        await Eventually.TrueAsync(async () => (await server.CountAsync("cart")).Delayed == 1, message: "the timeout waits");
        await app.Bus.Publish(new CartPaid(cart));
        await trace.WaitAsync(2);
        await server.EmptyAsync("cart");

        Assert.Equal(["opened", "paid"], trace.Items);
        Assert.Equal(1, (await server.CountAsync("cart")).Cancelled);
    }

    [Fact]
    public async Task Saga_requests_from_a_service_and_gets_the_answer()
    {
        var trace = new Inbox<string>();
        await using var app = await StartAsync(trace);
        await app.Bus.Publish(new CheckStock(NewId.NextGuid()));
        await trace.WaitAsync(1);
        Assert.Equal(["price 42"], trace.Items);
    }

    Task<TestApp> StartAsync(Inbox<string> trace) => TestApp.StartAsync(redis.Server, x =>
    {
        x.Services = s => s.AddSingleton(trace);
        x.Register = r => r.AddSagaStateMachine<CartMachine, Cart>().InMemoryRepository().Endpoint(e => e.Name = "cart");
        x.Bus = (context, cfg) =>
        {
            cfg.UseRedisMessageScheduler();
            cfg.ReceiveEndpoint("prices", e => e.Handler<PriceCheck>(c => c.RespondAsync(new PriceFound(c.Message.CartId, 42))));
            cfg.ConfigureEndpoints(context);
        };
    });

    sealed class CartMachine : MassTransitStateMachine<Cart>
    {
        public CartMachine(Inbox<string> trace)
        {
            InstanceState(x => x.CurrentState);
            Event(() => Opened, x => x.CorrelateById(c => c.Message.CartId));
            Event(() => Paid, x => x.CorrelateById(c => c.Message.CartId));
            Event(() => StockAsked, x => x.CorrelateById(c => c.Message.CartId));
            Schedule(() => Expiry, x => x.ExpiryTokenId, s => s.Received = e => e.CorrelateById(c => c.Message.CartId));
            Request(() => Price, x => x.PriceRequestId, r =>
            {
                r.ServiceAddress = new Uri("queue:prices");
                r.Timeout = TimeSpan.FromSeconds(20);
            });

            Initially(
                When(Opened)
                    .Then(c => c.Saga.Delay = c.Message.ExpiresInMilliseconds)
                    .Then(_ => trace.Add("opened"))
                    .Schedule(Expiry, c => c.Init<CartExpired>(new { CartId = c.Saga.CorrelationId }), c => TimeSpan.FromMilliseconds(c.Saga.Delay))
                    .TransitionTo(Open),
                When(StockAsked)
                    .Request(Price, c => c.Init<PriceCheck>(new { CartId = c.Saga.CorrelationId }))
                    .TransitionTo(Price!.Pending));
            During(Open,
                When(Paid).Unschedule(Expiry).Then(_ => trace.Add("paid")).Finalize(),
                When(Expiry!.Received).Then(_ => trace.Add("expired")).Finalize());
            During(Price.Pending,
                When(Price.Completed).Then(c => trace.Add($"price {c.Message.Price}")).Finalize());
        }

        public State Open { get; } = null!;

        public Event<CartOpened> Opened { get; } = null!;

        public Event<CartPaid> Paid { get; } = null!;

        public Event<CheckStock> StockAsked { get; } = null!;

        public Schedule<Cart, CartExpired> Expiry { get; } = null!;

        public Request<Cart, PriceCheck, PriceFound> Price { get; } = null!;
    }
}
