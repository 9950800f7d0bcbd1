using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.AspNetCore.Tests.Hosting;

/// <summary>An application with receivers, on Kestrel and a free port, and a client of it.</summary>
public sealed class Receivers : IAsyncDisposable
{
    Receivers(WebApplication app, RecordingQueue queue, RecordingLogs logs, TestClock clock)
    {
        (App, Queue, Logs, Clock) = (app, queue, logs, clock);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public RecordingQueue Queue { get; }

    public RecordingLogs Logs { get; }

    public TestClock Clock { get; }

    public int Port => new Uri(App.Urls.First()).Port;

    public static async Task<Receivers> StartAsync(Action<WebApplicationBuilder> configure, bool realTime = false,
        Action<WebApplication>? pipeline = null)
    {
        var (queue, logs, clock) = (new RecordingQueue(), new RecordingLogs(), new TestClock());
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Trace);
        if (!realTime)
            builder.Services.AddSingleton<TimeProvider>(clock);
        // A test of what is a repeat must not depend on how busy the machine is.
        builder.Services.Configure<WebhookDeduplicationOptions>(x => x.Timeout = TimeSpan.FromSeconds(10));
        configure(builder);
        if (builder.Services.All(x => x.ServiceType != typeof(IWebhookQueue)))
            builder.Services.AddSingleton<IWebhookQueue>(queue);
        var app = builder.Build();
        pipeline?.Invoke(app);
        app.MapWebhooks();
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new Receivers(app, queue, logs, clock);
    }

    public Task<Answer> PostAsync(string receiver, string body, params (string Name, string Value)[] headers) =>
        PostAsync(receiver, Encoding.UTF8.GetBytes(body), headers);

    public Task<Answer> PostAsync(string receiver, byte[] body, params (string Name, string Value)[] headers) =>
        SendAsync(receiver, HttpMethod.Post, new ByteArrayContent(body), headers);

    public async Task<Answer> SendAsync(string receiver, HttpMethod method, HttpContent? content,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, $"/webhooks/{receiver}")
        {
            Content = content,
            Version = Client.DefaultRequestVersion,
            VersionPolicy = Client.DefaultVersionPolicy,
        };
        foreach (var (name, value) in headers)
        {
            if (name.Equals("content-type", StringComparison.OrdinalIgnoreCase))
                content!.Headers.TryAddWithoutValidation(name, value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
    }
}

/// <summary>What a sender sees.</summary>
public sealed record Answer(HttpStatusCode Status, string? Reason, int? RetryAfter, string Text, string? ContentType)
{
    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var type = response.Content.Headers.ContentType?.MediaType;
        var reason = type == "application/problem+json" ? JsonDocument.Parse(text).RootElement.GetProperty("reason").GetString() : null;
        return new Answer(response.StatusCode, reason, (int?)response.Headers.RetryAfter?.Delta?.TotalSeconds, text, type);
    }

    public void Is(int status, string? reason = null) => Assert.Equal((status, reason), ((int)Status, Reason));
}
