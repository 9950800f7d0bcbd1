using MassTransit;
using MassTransit.Webhooks.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quickstart;

const int orders = 500;
const int retries = 2;
const int redeliveries = 2;
var once = args.Contains("--once");

// MassTransit 8.5 reports endpoint names to its maker unless told not to.
Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");

// A Redis-compatible server inside this process, unless REDIS_URL names a real one.
var url = Environment.GetEnvironmentVariable("REDIS_URL");
await using var embedded = string.IsNullOrEmpty(url) ? await EmbeddedRedis.StartAsync() : null;
url = embedded is null ? url! : $"redis://{embedded.ConnectionString}";
Console.WriteLine(embedded is null ? "Using the Redis server of REDIS_URL." : $"Started an embedded Redis-compatible server on {embedded.ConnectionString}.");

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddSingleton<Journal>();
builder.Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);
builder.Services.AddMassTransit(x =>
{
    x.AddConsumer<OrderConsumer>(c => c.Options<BatchOptions>(o => o.SetMessageLimit(100).SetTimeLimit(ms: 100).SetConcurrencyLimit(1)));
    x.AddConsumer<PaymentConsumer>();
    x.AddConsumer<DeadPaymentConsumer>();
    x.UsingRedis((context, cfg) =>
    {
        cfg.Host(url, h => h.KeyPrefix("quickstart"));
        cfg.ReceiveEndpoint("payments", e =>
        {
            e.UseDelayedRedelivery(r => r.Interval(redeliveries, TimeSpan.FromMilliseconds(300)));
            e.UseMessageRetry(r => r.Immediate(retries));
            e.ConfigureConsumer<PaymentConsumer>(context);
        });
        cfg.ReceiveEndpoint("payments_error", e =>
        {
            e.ConfigureConsumeTopology = false;
            e.ConfigureConsumer<DeadPaymentConsumer>(context);
        });
    });
});

using var host = builder.Build();
await host.StartAsync();
var bus = host.Services.GetRequiredService<IBus>();
var journal = host.Services.GetRequiredService<Journal>();

Console.WriteLine();
Console.WriteLine($"1. {orders} orders of mixed priority are sent before anybody consumes them.");
var queue = await bus.GetSendEndpoint(new Uri("queue:orders"));
await Task.WhenAll(Enumerable.Range(1, orders).Select(number =>
{
    var priority = number % 10 == 0 ? 9 : number % 3 == 0 ? 5 : 0;
    return queue.Send(new OrderPlaced { Number = number, Priority = priority }, x => x.SetPriority(priority));
}));

Console.WriteLine("2. A batch consumer is connected to the queue and takes the urgent ones first.");
var connector = host.Services.GetRequiredService<IReceiveEndpointConnector>();
var endpoint = connector.ConnectReceiveEndpoint("orders", (context, e) => e.ConfigureConsumer<OrderConsumer>(context));
await endpoint.Ready;
await WaitAsync(() => journal.Consumed >= orders, "all orders to be consumed");

Console.WriteLine($"3. A payment is published that fails: {retries} retries at once, and {redeliveries} redeliveries 0.3 s apart.");
await bus.Publish(new PaymentRequested { Reference = "P-4711" }, x => x.SetPriority(10));
await WaitAsync(() => journal.DeadLetterSeen.IsCompleted, "the payment to become a dead letter");

var problems = journal.Problems(orders, (1 + retries) * (1 + redeliveries)).ToList();
Console.WriteLine();
foreach (var problem in problems)
    Console.WriteLine($"WRONG: {problem}");
if (problems.Count == 0)
    Console.WriteLine($"Every message is accounted for: {orders} orders consumed once and by priority, 1 payment tried {journal.PaymentAttempts} times and dead-lettered.");

if (!once && problems.Count == 0)
    await KeepGoingAsync();

await host.StopAsync();
return problems.Count == 0 ? 0 : 1;

async Task KeepGoingAsync()
{
    Console.WriteLine("Orders keep coming until you press Ctrl+C (run with --once to end here).");
    var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
    using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));
    var number = orders;
    try
    {
        while (await timer.WaitForNextTickAsync(lifetime.ApplicationStopping))
        {
            await Task.WhenAll(Enumerable.Range(0, 25).Select(i =>
            {
                var priority = i % 5 == 0 ? 9 : 0;
                return queue.Send(new OrderPlaced { Number = Interlocked.Increment(ref number), Priority = priority }, x => x.SetPriority(priority));
            }));
        }
    }
    catch (OperationCanceledException)
    {
        // Ctrl+C
    }
}

static async Task WaitAsync(Func<bool> condition, string what)
{
    using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
    try
    {
        while (!condition())
            await timer.WaitForNextTickAsync(timeout.Token);
    }
    catch (OperationCanceledException)
    {
        Console.WriteLine($"WRONG: waited 60 s for {what}, in vain");
    }
}
