using MassTransit;
using MassTransit.RedisTransport.FaultWorker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

// A process that the fault tests start, freeze and kill. It tells its parent what it does line by line, and stops cleanly
// when its standard input ends.
var options = WorkerOptions.Parse(args);
using var journal = new Journal();
var services = new ServiceCollection();
services.AddSingleton(journal).AddSingleton(options);
services.AddLogging(x => x.AddProvider(journal));
services.AddMassTransit(x =>
{
    x.DisableUsageTelemetry();
    x.AddConsumer<PingConsumer>();
    x.AddRedisQueues();
    x.UsingRedis((context, bus) =>
    {
        bus.Host(options.Server, host => host.KeyPrefix(options.Prefix));
        if (options.Mode is not ("produce" or "block" or "operate"))
        {
            bus.ReceiveEndpoint(options.Queue, endpoint =>
            {
                endpoint.LeaseDuration = TimeSpan.FromMilliseconds(options.Lease);
                endpoint.PrefetchCount = options.Prefetch;
                if (options.Limit > 0)
                    endpoint.ConcurrentMessageLimit = options.Limit;
                endpoint.MaxDeliveryCount = 1_000;
                endpoint.ConfigureConsumer<PingConsumer>(context);
            });
        }
    });
});

await using var provider = services.BuildServiceProvider();
var control = provider.GetRequiredService<IBusControl>();
await control.StartAsync();
journal.Write(Report.Ready);

var end = Task.Run(() =>
{
    while (Console.In.ReadLine() is not null)
    {
        // Whatever it says: only the end counts.
    }
});

if (options.Mode == "block")
{
    // As an application does that sends without await from each of its requests.
    var blocked = await control.GetSendEndpoint(new Uri($"queue:{options.Queue}"));
    await blocked.Send(new Ping { Id = 0 });
    await Task.WhenAll(Enumerable.Range(1, options.Count).Select(id => Task.Run(() =>
    {
        blocked.Send(new Ping { Id = id }).GetAwaiter().GetResult();
        journal.Write($"{Report.Confirmed} {id}");
    })));
}

if (options.Mode == "produce")
{
    var endpoint = await control.GetSendEndpoint(new Uri($"queue:{options.Queue}"));
    for (var id = options.From; !end.IsCompleted; id++)
    {
        await endpoint.Send(new Ping { Id = id });
        journal.Write($"{Report.Confirmed} {id}");
    }
}

if (options.Mode == "operate")
{
    using var stop = new CancellationTokenSource();
    var work = provider.GetRequiredService<IRedisOperations>().RunAsync(stop.Token);
    await end;
    await stop.CancelAsync();
    await work;
}

await end;
await control.StopAsync();
journal.Write(Report.Stopped);
