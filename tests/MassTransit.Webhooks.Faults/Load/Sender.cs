using System.Net;
using System.Security.Cryptography;
using System.Text;
using MassTransit.Webhooks.Faults.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.Webhooks.Faults.Load;

/// <summary>How a sending application is set up.</summary>
internal sealed record SenderOptions
{
    public required string Server { get; init; }

    public required string Prefix { get; init; }

    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public int RequireReplicas { get; init; }

    /// <summary>How long who posts or enqueues a webhook waits for the answer.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>
    /// Repeats are remembered over a connection of their own to the same server, instead of the bus's, under the name that the library
    /// takes by itself.
    /// </summary>
    public bool OwnDeduplication { get; init; }
}

/// <summary>An application that sends: a bus, an <see cref="IWebhookQueue"/>, and an ingress with its client.</summary>
internal sealed class Sender : IAsyncDisposable
{
    const string Secret = "the-secret-of-the-fault-suite";
    static readonly TimeSpan ReplicaTimeout = TimeSpan.FromSeconds(1);

    readonly WebApplication _app;
    readonly HttpClient _client;

    Sender(WebApplication app, HttpClient client, ISendEndpoint queue, TimeSpan patience)
    {
        Patience = patience;
        _app = app;
        _client = client;
        Queue = queue;
    }

    /// <summary>How long a webhook's sender waits.</summary>
    public TimeSpan Patience { get; }

    public ISendEndpoint Queue { get; }

    public IBus Bus => _app.Services.GetRequiredService<IBus>();

    public IWebhookQueue Webhooks => _app.Services.GetRequiredService<IWebhookQueue>();

    public IRedisQueues Queues => _app.Services.GetRequiredService<IRedisQueues>();

    public static async Task<Sender> StartAsync(SenderOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (Settings.LogFolder is { } folder)
            builder.Logging.AddProvider(new FileLog(Path.Combine(folder, $"sender-{options.Prefix}.log")));
        builder.Services.AddOptions<MassTransitHostOptions>()
            .Configure(x => (x.WaitUntilStarted, x.StopTimeout) = (true, TimeSpan.FromSeconds(20)));
        builder.Services.AddMassTransit(x =>
        {
            x.AddWebhooks(w => w.UseRedis());
            x.UsingRedis((_, bus) => bus.Host(options.Server, host =>
            {
                host.KeyPrefix(options.Prefix);
                host.SendTimeout = options.SendTimeout;
                if (options.RequireReplicas > 0)
                    host.RequireReplicas(options.RequireReplicas, ReplicaTimeout);
            }));
        });
        builder.Services.AddWebhookReceiver("github", r => r.GitHub(o => o.Secrets.Add(Secret)));
        if (options.OwnDeduplication)
            builder.Services.AddRedisDeduplication(options.Server);
        else
            builder.Services.AddRedisDeduplication();
        var app = builder.Build();
        app.MapWebhooks("/webhooks/{receiver}");
        await app.StartAsync();
        var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = options.RequestTimeout };
        var queue = await app.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"queue:{WorkerOptions.Queue}"));
        return new Sender(app, client, queue, options.RequestTimeout);
    }

    /// <summary>Posts as GitHub does.</summary>
    /// <returns>The status, 0 where no answer came in time.</returns>
    public async Task<int> PostAsync(string id)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","padding":"{{new string('x', 200)}}"}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/github") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("X-GitHub-Event", "push");
        request.Headers.Add("X-GitHub-Delivery", id);
        request.Headers.Add("X-Hub-Signature-256",
            "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body)));
        try
        {
            using var response = await _client.SendAsync(request);
            return (int)response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return 0;
        }
    }

    public static bool IsTaken(int status) => status is (int)HttpStatusCode.OK or (int)HttpStatusCode.Accepted;

    /// <summary>What waits, is delayed or leased in all queues of the application, what is leased, and what is dead.</summary>
    public async Task<(long All, long Leased, long Dead)> CountAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var queues = await Queues.ListAsync(patience.Token).WaitAsync(patience.Token);
        var live = queues.Where(x => !x.IsDeadLetterQueue).ToArray();
        return (live.Sum(x => x.Ready + x.Delayed + x.Leased), live.Sum(x => x.Leased), live.Sum(x => x.DeadLetters));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _app.StopAsync(patience.Token).WaitAsync(TimeSpan.FromSeconds(40));
            await _app.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            // Its servers are gone; all is counted.
        }
    }
}
