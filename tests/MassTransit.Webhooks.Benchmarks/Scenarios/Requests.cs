using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Benchmarks.Scenarios;

/// <summary>Request and response, one awaited and 100 at a time.</summary>
internal sealed class Requests : IScenario
{
    public string Name => "requests";

    public string Description => "IRequestClient<T> to IConsumer<T> and back, one awaited and 100 at a time";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Servers servers)
    {
        var measurements = new List<Measurement>();
        foreach (var transport in Transport.All(servers))
        {
            Progress.Say(transport.Name);
            var builder = Host.CreateApplicationBuilder();
            builder.Logging.ClearProviders();
            builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
            builder.Services.AddMassTransit(x =>
            {
                x.AddConsumer<AnsweringConsumer>();
                transport.Configure(x, (context, endpoint) =>
                {
                    endpoint.PrefetchCount = 100;
                    endpoint.ConfigureConsumer<AnsweringConsumer>(context);
                });
            });
            using var host = builder.Build();
            await host.StartAsync();
            var client = host.Services.GetRequiredService<IBus>().CreateRequestClient<BenchmarkMessage>();
            foreach (var (setting, count, atATime) in ((string, int, int)[])[("one awaited", 1_000, 1), ("100 at a time", 10_000, 100)])
            {
                var rate = await Rate.MedianAsync(count, x => Task.WhenAll(Enumerable.Range(0, atATime).Select(async _ =>
                {
                    for (var i = 0; i < x / atATime; i++)
                        await client.GetResponse<BenchmarkAnswer>(new BenchmarkMessage { Id = i, Body = MessageHost.Body });
                })));
                measurements.Add(
                    new(transport.Name, setting, rate, "requests/s", transport.Name == Transport.Redis ? Transport.RabbitMq : null));
            }

            await host.StopAsync();
        }

        return measurements;
    }
}

public sealed record BenchmarkAnswer
{
    public int Id { get; init; }
}

public sealed class AnsweringConsumer : IConsumer<BenchmarkMessage>
{
    public Task Consume(ConsumeContext<BenchmarkMessage> context) => context.RespondAsync(new BenchmarkAnswer { Id = context.Message.Id });
}
