using Microsoft.Extensions.Options;
using Worker;

// MassTransit 8.5 reports endpoint names to its maker unless told not to.
Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");

try
{
    var builder = WebApplication.CreateBuilder(args);
    builder.UsePort8080();
    builder.AddShortNames();
    builder.AddTelemetry();
    builder.AddProcessing();

    var app = builder.Build();
    app.MapHealth();
    app.MapTelemetry();
    app.MapDashboard();
    // SIGTERM: no more webhooks are taken, those in work are finished, the rest is given back to the queue.
    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (exception is OptionsValidationException or MassTransit.ConfigurationException)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}
