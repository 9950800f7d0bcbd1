using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Faults.Worker;

/// <summary>A process that the suite starts, freezes, cuts off and kills. SIGTERM stops it as a deployment does.</summary>
internal static class WorkerProgram
{
    public static async Task<int> RunAsync(WorkerOptions options)
    {
        using var journal = new Journal();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        if (Settings.LogFolder is { } folder)
            builder.Logging.AddProvider(new FileLog(Path.Combine(folder, $"worker-{Environment.ProcessId}.log")));
        builder.Services.AddSingleton(journal).AddSingleton(options);
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(x =>
        {
            x.AddConsumer<NoteConsumer>();
            x.AddWebhooks(w =>
            {
                w.UseRedis();
                w.AddProcessor<Hooks>(p =>
                {
                    p.QueueName = WorkerOptions.ProcessorQueue;
                    p.Workers = WorkerOptions.ProcessorWorkers;
                    p.BatchSize = WorkerOptions.BatchSize;
                });
            });
            x.AddConfigureEndpointsCallback((_, endpoint) =>
            {
                if (endpoint is IRedisReceiveEndpointConfigurator redis)
                    redis.LeaseDuration = WorkerOptions.Lease;
            });
            x.UsingRedis((context, bus) =>
            {
                bus.Host(options.Server, host => host.KeyPrefix(options.Prefix));
                bus.ReceiveEndpoint(WorkerOptions.Queue, endpoint =>
                {
                    endpoint.LeaseDuration = WorkerOptions.Lease;
                    endpoint.PrefetchCount = WorkerOptions.Prefetch;
                    endpoint.ConcurrentMessageLimit = options.Concurrency;
                    endpoint.ConfigureConsumer<NoteConsumer>(context);
                });
                bus.ConfigureEndpoints(context);
            });
        });
        using var host = builder.Build();
        await host.StartAsync();
        journal.Write(Journal.Ready);
        await host.WaitForShutdownAsync();
        return 0;
    }
}
