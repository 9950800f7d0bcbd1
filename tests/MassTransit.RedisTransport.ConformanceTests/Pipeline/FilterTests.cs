using MassTransit.RedisTransport.ConformanceTests.Infrastructure;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.ConformanceTests.Pipeline;

/// <summary>What a scope has: one tenant for a consumed message and all it sends.</summary>
public sealed class Tenant
{
    public string? Name { get; set; }
}

public sealed class FilterTests(ConformanceServer fixture) : IClassFixture<ConformanceServer>
{
    readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Scoped_filters_of_publish_send_and_consume_share_the_scope_of_the_message()
    {
        var inbox = new Inbox<(string? Scope, string? Header)>();
        await using var bus = await TestBus.StartAsync(_server, (context, cfg) =>
        {
            cfg.UseConsumeFilter(typeof(ReadTenant<>), context);
            cfg.UsePublishFilter(typeof(WriteTenantOnPublish<>), context);
            cfg.UseSendFilter(typeof(WriteTenantOnSend<>), context);
            cfg.ConfigureEndpoints(context);
        }, x =>
        {
            x.AddSingleton(inbox);
            x.AddScoped<Tenant>();
            x.AddConsumer<SubmittedConsumer>().Endpoint(e => e.Name = "submitted");
            x.AddConsumer<AcceptedConsumer>().Endpoint(e => e.Name = "accepted");
        });
        await using var scope = bus.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Tenant>().Name = "blue";

        await scope.ServiceProvider.GetRequiredService<IPublishEndpoint>().Publish(new Submitted(1));
        var provider = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        await (await provider.GetSendEndpoint(new Uri("queue:accepted"))).Send(new Accepted(2));

        Assert.All(await inbox.WaitAsync(3), x => Assert.Equal(("blue", "blue"), x));
    }

    [Fact]
    public async Task Filters_run_once_for_each_message()
    {
        var calls = new Inbox<string>();
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ConfigurePublish(x => x.UseExecute(_ => calls.AddAsync("publish").GetAwaiter().GetResult()));
            cfg.ConfigureSend(x => x.UseExecute(_ => calls.AddAsync("send").GetAwaiter().GetResult()));
            cfg.UseExecute(_ => calls.AddAsync("consume").GetAwaiter().GetResult());
            cfg.ReceiveEndpoint("submitted", e =>
            {
                e.UseExecute(_ => calls.AddAsync("endpoint").GetAwaiter().GetResult());
                e.Handler<Submitted>(_ => calls.AddAsync("handler"));
            });
        });

        await bus.Bus.Publish(new Submitted(1));
        await bus.SendAsync("submitted", new Submitted(2));

        await bus.DrainedAsync("submitted");
        foreach (var (name, count) in new[] { ("publish", 1), ("consume", 2), ("endpoint", 2), ("handler", 2) })
            Assert.Equal(count, calls.Items.Count(x => x == name));
        Assert.Contains("send", calls.Items);
    }

    [Fact]
    public async Task Filter_that_fails_stops_the_publish_before_anything_is_stored()
    {
        await using var bus = await TestBus.StartAsync(_server, cfg =>
        {
            cfg.ConfigurePublish(x => x.UseExecute(_ => throw new InvalidOperationException("refused")));
            cfg.ReceiveEndpoint("submitted", e => e.Handler<Submitted>(_ => Task.CompletedTask));
        });

        await Assert.ThrowsAsync<InvalidOperationException>(() => bus.Bus.Publish(new Submitted(1)));

        Assert.Equal(0, (await bus.CountAsync("submitted")).Sent);
    }

    sealed class ReadTenant<T>(Tenant tenant) : IFilter<ConsumeContext<T>>
        where T : class
    {
        public Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
        {
            tenant.Name = context.Headers.Get<string>("Tenant");
            return next.Send(context);
        }

        public void Probe(ProbeContext context)
        {
        }
    }

    sealed class WriteTenantOnPublish<T>(Tenant tenant) : IFilter<PublishContext<T>>
        where T : class
    {
        public Task Send(PublishContext<T> context, IPipe<PublishContext<T>> next)
        {
            context.Headers.Set("Tenant", tenant.Name);
            return next.Send(context);
        }

        public void Probe(ProbeContext context)
        {
        }
    }

    sealed class WriteTenantOnSend<T>(Tenant tenant) : IFilter<SendContext<T>>
        where T : class
    {
        public Task Send(SendContext<T> context, IPipe<SendContext<T>> next)
        {
            context.Headers.Set("Tenant", tenant.Name);
            return next.Send(context);
        }

        public void Probe(ProbeContext context)
        {
        }
    }

    public sealed class SubmittedConsumer(Tenant tenant, Inbox<(string?, string?)> inbox, IPublishEndpoint publish) : IConsumer<Submitted>
    {
        public async Task Consume(ConsumeContext<Submitted> context)
        {
            await publish.Publish(new Accepted(context.Message.Number));
            await inbox.AddAsync((tenant.Name, context.Headers.Get<string>("Tenant")));
        }
    }

    public sealed class AcceptedConsumer(Tenant tenant, Inbox<(string?, string?)> inbox) : IConsumer<Accepted>
    {
        public Task Consume(ConsumeContext<Accepted> context) => inbox.AddAsync((tenant.Name, context.Headers.Get<string>("Tenant")));
    }
}
