using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.ConformanceTests.Requests;

public sealed record CheckOrder(int Number);

public sealed record OrderFound(int Number);

public sealed record OrderMissing(int Number);

public sealed record Announced(int Number);

public sealed class RequestTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Response_comes_back_to_the_request()
    {
        await using var bus = await StartAsync();

        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            bus.Bus.Request<CheckOrder, OrderFound>(new CheckOrder(i * 2), timeout: RequestTimeout.After(s: 30))));

        Assert.Equal(Enumerable.Range(0, 50).Select(i => i * 2), responses.Select(x => x.Message.Number));
    }

    [Fact]
    public async Task Each_of_several_response_types_comes_back()
    {
        await using var bus = await StartAsync();
        var client = bus.Bus.CreateRequestClient<CheckOrder>(RequestTimeout.After(s: 30));

        var even = await client.GetResponse<OrderFound, OrderMissing>(new CheckOrder(2));
        var odd = await client.GetResponse<OrderFound, OrderMissing>(new CheckOrder(3));

        Assert.True(even.Is(out Response<OrderFound>? found));
        Assert.Equal(2, found!.Message.Number);
        Assert.True(odd.Is(out Response<OrderMissing>? missing));
        Assert.Equal(3, missing!.Message.Number);
    }

    [Fact]
    public async Task Request_client_of_the_container_sends_to_a_queue()
    {
        await using var bus = await TestBus.StartAsync(_server,
            (_, cfg) => cfg.ReceiveEndpoint("orders", e => e.Handler<CheckOrder>(RespondAsync)),
            x => x.AddRequestClient<CheckOrder>(new Uri("queue:orders"), RequestTimeout.After(s: 30)));
        await using var scope = bus.Services.CreateAsyncScope();

        var response = await scope.ServiceProvider.GetRequiredService<IRequestClient<CheckOrder>>()
            .GetResponse<OrderFound>(new CheckOrder(8));

        Assert.Equal(8, response.Message.Number);
        Assert.Equal($"/0/{bus.KeyPrefix}/orders", response.SourceAddress!.AbsolutePath);
    }

    [Fact]
    public async Task Request_that_nobody_answers_times_out_and_its_message_expires()
    {
        await using var bus = await TestBus.StartAsync(_server);
        var client = bus.Bus.CreateRequestClient<CheckOrder>(new Uri("queue:nobody"), RequestTimeout.After(ms: 300));

        await Assert.ThrowsAsync<RequestTimeoutException>(() => client.GetResponse<OrderFound>(new CheckOrder(1)));

        // The request has the time to live of its time-out: a responder that comes later does not see it.
        await bus.ServerClockPassesAsync(TimeSpan.FromMilliseconds(350));
        var inbox = new Inbox<int>();
        await bus.ConnectAsync("nobody", e => e.Handler<CheckOrder>(x => inbox.AddAsync(x.Message.Number)));
        await bus.SendAsync("nobody", new CheckOrder(2));
        Assert.Equal(2, await inbox.SingleAsync());
    }

    [Fact]
    public async Task Fault_of_the_responder_comes_back_and_the_request_goes_to_the_error_queue()
    {
        await using var bus = await TestBus.StartAsync(_server,
            cfg => cfg.ReceiveEndpoint("orders", e => e.Handler<CheckOrder>(_ => throw new InvalidOperationException("out of paper"))));
        var client = bus.Bus.CreateRequestClient<CheckOrder>(new Uri("queue:orders"), RequestTimeout.After(s: 30));

        var exception = await Assert.ThrowsAsync<RequestFaultException>(() => client.GetResponse<OrderFound>(new CheckOrder(1)));

        Assert.Contains("out of paper", exception.Fault!.Exceptions[0].Message, StringComparison.Ordinal);
        Assert.Equal(1, (await bus.DrainedAsync("orders")).Moved);
        Assert.Equal(1, (await bus.CountAsync("orders_error")).Ready);
    }

    [Fact]
    public async Task Response_to_a_queue_that_is_gone_does_not_fail_the_responder()
    {
        var inbox = new Inbox<int>();
        await using var bus = await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("orders", e => e.Handler<CheckOrder>(async x =>
        {
            await x.RespondAsync(new OrderFound(x.Message.Number));
            await inbox.AddAsync(x.Message.Number);
        })));

        await bus.SendAsync("orders", new CheckOrder(4), x =>
        {
            x.RequestId = NewId.NextGuid();
            x.ResponseAddress =
                new Uri($"{bus.Bus.Address.GetLeftPart(UriPartial.Authority)}/0/{bus.KeyPrefix}/host_process_bus_gone?temporary=true");
        });

        Assert.Equal(4, await inbox.SingleAsync());
        var counts = await bus.DrainedAsync("orders");
        Assert.Equal((1, 0), (counts.Completed, counts.Moved));
        Assert.False((await bus.CountAsync("host_process_bus_gone")).Exists);
    }

    [Fact]
    public async Task Response_of_a_requester_that_has_stopped_does_not_fail_the_responder()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var responder =
            await TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("orders", e => e.Handler<CheckOrder>(async x =>
        {
            arrived.SetResult();
            await release.Task;
            await x.RespondAsync(new OrderFound(x.Message.Number));
        })));
        var requester = await TestBus.StartAsync(_server, keyPrefix: responder.KeyPrefix);
        var client = requester.Bus.CreateRequestClient<CheckOrder>(new Uri("queue:orders"), RequestTimeout.After(s: 60));
        var response = client.GetResponse<OrderFound>(new CheckOrder(4));
        await Eventually.CompletesAsync(arrived.Task);

        await requester.DisposeAsync();
        release.SetResult();

        var counts = await responder.DrainedAsync("orders");
        Assert.Equal((1, 0), (counts.Completed, counts.Moved));
        Assert.False(response.IsCompletedSuccessfully);
        _ = response.ContinueWith(x => x.Exception, TaskScheduler.Default);
    }

    [Fact]
    public async Task Consumer_requests_and_publishes_within_the_conversation()
    {
        var inbox = new Inbox<(Guid? Conversation, Guid? Initiator)>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ReceiveEndpoint("orders", e => e.Handler<CheckOrder>(async x =>
            {
                await x.Publish(new Announced(x.Message.Number));
                await RespondAsync(x);
            }));
            cfg.ReceiveEndpoint("news", e => e.Handler<Announced>(x => inbox.AddAsync((x.ConversationId, x.InitiatorId))));
        });

        var correlation = NewId.NextGuid();
        var response = await bus.Bus.Request<CheckOrder, OrderFound>(new CheckOrder(2), timeout: RequestTimeout.After(s: 30),
            callback: x => x.CorrelationId = correlation);

        var (conversation, initiator) = await inbox.SingleAsync();
        Assert.Equal(response.ConversationId, conversation);
        Assert.Equal(correlation, initiator);
    }

    static Task RespondAsync(ConsumeContext<CheckOrder> context) => context.Message.Number % 2 == 0
        ? context.RespondAsync(new OrderFound(context.Message.Number))
        : context.RespondAsync(new OrderMissing(context.Message.Number));

    Task<TestBus> StartAsync() =>
        TestBus.StartAsync(_server, cfg => cfg.ReceiveEndpoint("orders", e => e.Handler<CheckOrder>(RespondAsync)));
}
