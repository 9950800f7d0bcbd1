using MassTransit.Webhooks.Embedded;
using Quickstart;

try
{
    var settings = QuickstartSettings.Read(args);

    // A Redis-compatible server inside this process, unless REDIS_URL names a real one.
    await using var embedded = settings.RedisUrl is null ? await EmbeddedRedis.StartAsync() : null;
    await using var app = await QuickstartApp.StartAsync(settings, embedded);
    return await app.RunAsync(settings.Once);
}
catch (QuickstartException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}
