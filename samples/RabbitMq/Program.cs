using MassTransit;
using MassTransit.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMq;

// MassTransit 8.5 reports endpoint names to its maker unless told not to.
Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");

var address = Environment.GetEnvironmentVariable("RABBITMQ_URL") is { Length: > 0 } value ? value : "amqp://guest:guest@localhost:5672/";
if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("amqp" or "amqps" or "rabbitmq" or "rabbitmqs"))
{
    Console.Error.WriteLine("RABBITMQ_URL is not an address: write amqp://user:password@server:5672/.");
    return 2;
}

var builder = Host.CreateApplicationBuilder();
// The failures here are on purpose: their logs would drown what is shown.
builder.Logging.ClearProviders();
builder.AddBus(url);
builder.AddTracing();
using var host = builder.Build();
try
{
    await host.StartAsync();
}
catch (Exception exception) when (exception is OperationCanceledException or ConnectionException)
{
    Console.Error.WriteLine(
        $"RabbitMQ at {url.Host} does not answer. Start it, or say where it is: RABBITMQ_URL=amqp://user:password@server:5672/");
    return 2;
}

var demonstration = new Demonstration(host.Services.GetRequiredService<IWebhookQueue>(), host.Services.GetRequiredService<Journal>());
var complete = await demonstration.RunAsync(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
await host.StopAsync();
return complete ? 0 : 1;
