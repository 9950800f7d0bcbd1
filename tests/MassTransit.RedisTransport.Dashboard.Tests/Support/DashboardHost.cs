using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Dashboard.Tests.Support;

/// <summary>What a test's application is made of. Everything has a default: Development, and open to everyone.</summary>
public sealed class DashboardHostOptions
{
    public string Environment { get; set; } = "Development";

    public string Pattern { get; set; } = "/ops";

    public Action<RedisDashboardOptions> Dashboard { get; set; } = x => x.UnsafelyOpenToEveryone();

    public Action<IServiceCollection>? Services { get; set; }

    /// <summary>The application's own middleware, in front of the dashboard.</summary>
    public Action<WebApplication>? App { get; set; }

    /// <summary>Maps the dashboard another way.</summary>
    public Action<WebApplication, Action<RedisDashboardOptions>>? Map { get; set; }

    public Action<IBusRegistrationContext, IRedisBusFactoryConfigurator>? Bus { get; set; }

    public Action<IBusRegistrationConfigurator>? Register { get; set; }

    /// <summary>As an operator's tool has it: <c>AddRedisAdministration</c>.</summary>
    public bool WithoutBus { get; set; }

    public string Urls { get; set; } = "http://127.0.0.1:0";

    public string Prefix { get; set; } = TestNames.Unique("dash");
}

/// <summary>An application with a bus and the dashboard, on a port of its own.</summary>
public sealed class DashboardHost : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly ServerSide _server;

    DashboardHost(WebApplication app, ServerSide server, CapturedLog log, string prefix, string pattern)
    {
        _app = app;
        _server = server;
        Log = log;
        Prefix = prefix;
        Origin = app.Urls.First();
        Pattern = pattern;
        Http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(Origin) };
        Http.DefaultRequestHeaders.Add("Accept", "text/html");
        Seeds = new Seeds(server);
    }

    public string Origin { get; }

    public int Port => new Uri(Origin).Port;

    public string Prefix { get; }

    public string Pattern { get; }

    internal CapturedLog Log { get; }

    public HttpClient Http { get; }

    internal ServerSide Server => _server;

    public Seeds Seeds { get; }

    public IServiceProvider Services => _app.Services;

    public IRedisDeadLetters Letters => Services.GetRequiredService<IRedisDeadLetters>();

    /// <summary>Every endpoint of the dashboard.</summary>
    public IReadOnlyList<RouteEndpoint> Endpoints =>
    [
        .. Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(x => x.DisplayName?.StartsWith("Redis dashboard", StringComparison.Ordinal) == true),
    ];

    public static async Task<DashboardHost> StartAsync(TestServer server, Action<DashboardHostOptions>? configure = null)
    {
        server.SkipIfUnavailable();
        var options = new DashboardHostOptions();
        configure?.Invoke(options);
        var log = new CapturedLog();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = options.Environment });
        builder.Configuration["ASPNETCORE_URLS"] = null;
        builder.WebHost.UseUrls(options.Urls);
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Information).AddProvider(log);
        options.Services?.Invoke(builder.Services);
        if (options.WithoutBus)
            builder.Services.AddRedisAdministration(server.ConnectionString, options.Prefix);
        else
            AddBus(builder.Services, server, options);
        var app = builder.Build();
        options.App?.Invoke(app);
        if (options.Map is { } map)
            map(app, options.Dashboard);
        else
            app.MapRedisDashboard(options.Pattern, options.Dashboard);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new DashboardHost(app, await ServerSide.ConnectAsync(server, options.Prefix), log, options.Prefix, options.Pattern);
    }

    static void AddBus(IServiceCollection services, TestServer server, DashboardHostOptions options) => services.AddMassTransit(x =>
    {
        x.AddRedisQueues();
        options.Register?.Invoke(x);
        x.UsingRedis((context, cfg) =>
        {
            cfg.Host(server.ConfigurationOptions, h => h.KeyPrefix(options.Prefix));
            options.Bus?.Invoke(context, cfg);
        });
    });

    public Task<Visit> VisitAsync(Action<Microsoft.Playwright.BrowserNewContextOptions>? configure = null) =>
        Visit.BeginAsync(Origin, configure);

    /// <summary>Waits until so many messages are dead and so many ready: an operation takes its time.</summary>
    public Task WaitForAsync(string queue, long dead, long ready) => Eventually.EqualAsync((dead, ready), async () =>
        (await Seeds.CountAsync($"{queue}_error"), await Seeds.CountAsync(queue)));

    public Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync(path);

    /// <summary>A form as a browser sends it from a page of the dashboard.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(path, x => x.Headers.Add("Sec-Fetch-Site", "same-origin"), fields);

    public async Task<HttpResponseMessage> SendAsync(string path, Action<HttpRequestMessage> configure,
        params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(x => KeyValuePair.Create(x.Name, x.Value))),
        };
        configure(request);
        return await Http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
