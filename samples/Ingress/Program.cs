using Ingress;
using MassTransit;

// MassTransit 8.5 reports endpoint names to its maker unless told not to.
Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");

try
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddShortNames();
    builder.UsePorts();
    builder.LimitConnections();
    builder.AddTelemetry();
    builder.AddReceivers();
    builder.AddBus();

    var app = builder.Build();
    app.KeepManagementApart();
    app.MapWebhooks("/webhooks/{receiver}");
    app.MapHealth();
    app.MapTelemetry();
    // SIGTERM: no more requests are taken, and those in work are answered before the bus stops.
    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (StartProblems.Of(exception) is { Count: > 0 } problems)
{
    foreach (var problem in problems)
        Console.Error.WriteLine(problem);
    Console.Error.WriteLine("Secrets of a receiver are set as Webhooks__Receivers__<its name>__Secrets__0, __1 and so on.");
    return 2;
}
