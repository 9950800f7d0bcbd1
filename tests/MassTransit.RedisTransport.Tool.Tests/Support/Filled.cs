namespace MassTransit.RedisTransport.Tool.Tests.Support;

/// <summary>A prefix of its own with queues that hold messages, as a bus leaves them.</summary>
sealed class Filled : IAsyncDisposable
{
    readonly TestApp _app;

    Filled(TestApp app, Terminal tool)
    {
        _app = app;
        Tool = tool;
    }

    public Terminal Tool { get; }

    public string Prefix => _app.Prefix;

    public TestApp App => _app;

    /// <param name="server">Where.</param>
    /// <param name="ready">How many wait in <c>orders</c>.</param>
    /// <param name="dead">How many lie in <c>payments_error</c>.</param>
    /// <param name="fault">What the consumer of <c>payments</c> throws; <c>null</c>: nothing.</param>
    public static async Task<Filled> StartAsync(TestServer server, int ready = 0, int dead = 0, Func<int, Exception?>? fault = null)
    {
        server.SkipIfUnavailable();
        var app = await TestApp.StartAsync(server, x => x.Bus = (_, cfg) => cfg.ReceiveEndpoint("payments", e =>
        {
            e.Handler<Ping>(context =>
            {
                if (fault is null)
                    throw new TimeoutException($"No answer to {context.Message.Number}");
                return fault(context.Message.Number) is { } exception ? Task.FromException(exception) : Task.CompletedTask;
            });
        }));
        var filled = new Filled(app, new Terminal(server, app.Prefix));
        try
        {
            await Task.WhenAll(Enumerable.Range(0, ready).Select(i => app.SendAsync("orders", new Notice($"n{i}"))));
            await Task.WhenAll(Enumerable.Range(0, dead).Select(i => app.SendAsync("payments", new Ping(i))));
            if (dead > 0)
                await filled.DeadAsync(dead);
            return filled;
        }
        catch
        {
            await filled.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until so many lie in <c>payments_error</c>.</summary>
    public Task DeadAsync(int count) => Eventually.EqualAsync(count, async () =>
        (await Tool.RunAsync("queue", "show", "payments")).Json.GetProperty("deadLetters").GetInt32());

    public async Task<string[]> KeysAsync() =>
        [.. (await Tool.RunAsync("dead", "list", "payments", "-n", "0")).Lines.Select(x => x.GetProperty("key").GetString()!)];

    public async ValueTask DisposeAsync()
    {
        Tool.Dispose();
        await _app.DisposeAsync();
    }
}
