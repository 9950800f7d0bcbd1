using System.Collections.Concurrent;
using MassTransit.DependencyInjection;
using MassTransit.RedisTransport.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MassTransit.Webhooks.AspNetCore.Tests.Hosting;

/// <summary>A bus that is not the only one, or has a type although it is.</summary>
public interface IWebhookBus : IBus;

/// <summary>Receivers where webhooks are on a bus with a type.</summary>
public class SecondBusTests
{
    readonly ConcurrentQueue<Webhook> _received = [];

    [Fact]
    public async Task Receiver_does_not_start_while_only_a_bus_with_a_type_has_webhooks_and_the_cure_that_is_told_works()
    {
        await using (var app = Build(_ => { }))
        {
            var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());
            Assert.Contains("Bind<TBus, IWebhookQueue>>().Value", refused.Message, StringComparison.Ordinal);
        }

        await using var cured =
            Build(services => services.AddSingleton(x => x.GetRequiredService<Bind<IWebhookBus, IWebhookQueue>>().Value));
        await cured.StartAsync();
        using var content = new StringContent("{}");
        using var client = new HttpClient { BaseAddress = new Uri(cured.Urls.First()) };
        using var answer = await client.PostAsync(new Uri("/webhooks/r", UriKind.Relative), content);

        Assert.Equal(202, (int)answer.StatusCode);
        await Eventually.TrueAsync(() => !_received.IsEmpty);
    }

    WebApplication Build(Action<IServiceCollection> cure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit<IWebhookBus>(x =>
        {
            x.AddWebhooks();
            x.UsingInMemory((_, cfg) => cfg.ReceiveEndpoint("hooks", e => e.Handler<Webhook>(y =>
            {
                _received.Enqueue(y.Message);
                return Task.CompletedTask;
            })));
        });
        builder.Services.AddWebhookReceiver("r", r => r.AllowUnsigned());
        cure(builder.Services);
        var app = builder.Build();
        app.MapWebhooks();
        return app;
    }
}
