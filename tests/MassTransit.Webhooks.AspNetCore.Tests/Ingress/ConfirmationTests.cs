using System.Net;
using System.Text;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore.Tests.Ingress;

/// <summary>
/// A request timeout of two seconds once had senders answered an empty 200 while the broker hung, and half a body without a signature too:
/// the ingress left the answer out wherever the request was said to be over, and a server's default is success.
/// </summary>
public class ConfirmationTests
{
    const string Secret = "a-secret-of-the-tests";
    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);

    /// <summary>What may end a request from outside: each cancels the token that the ingress sees, or takes it away.</summary>
    static readonly Dictionary<string, Action<WebApplication>> Ends = new()
    {
        ["request timeouts"] = app => app.UseRequestTimeouts(),
        ["a token of its own"] = app => app.Use(async (context, next) =>
        {
            using var own = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            own.CancelAfter(Soon);
            context.RequestAborted = own.Token;
            await next(context);
        }),
        ["a token cancelled before"] = app => app.Use((context, next) =>
        {
            context.RequestAborted = new CancellationToken(true);
            return next(context);
        }),
        ["another lifetime"] = app => app.Use(async (context, next) =>
        {
            using var own = new CancellationTokenSource(Soon);
            context.Features.Set<IHttpRequestLifetimeFeature>(new Lifetime { RequestAborted = own.Token });
            await next(context);
        }),
        ["nothing"] = _ => { },
    };

    public static TheoryData<string, bool> Ways
    {
        get
        {
            var ways = new TheoryData<string, bool>();
            foreach (var name in Ends.Keys)
            {
                ways.Add(name, false);
                ways.Add(name, true);
            }

            return ways;
        }
    }

    static Task<Receivers> StartAsync(string end, bool http2 = false, Action<IServiceCollection>? services = null) =>
        Receivers.StartAsync(b =>
    {
        b.WebHost.ConfigureKestrel(o => o.ConfigureEndpointDefaults(e => e.Protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1));
        b.Services.AddRequestTimeouts(o => o.DefaultPolicy = new RequestTimeoutPolicy { Timeout = Soon });
        b.Services.Configure<WebhookIngressOptions>(o => o.BodyTimeout = TimeSpan.FromSeconds(1));
        b.Services.AddWebhookReceiver("github",
            r => r.GitHub(o => o.Secrets.Add(Secret)).Configure(o => o.EnqueueTimeout = TimeSpan.FromSeconds(1)));
        services?.Invoke(b.Services);
    }, pipeline: Ends[end]);

    static Task<Answer> PostAsync(Receivers receivers, bool http2, HttpContent content, params (string, string)[] headers)
    {
        if (http2 && receivers.Client.DefaultVersionPolicy != HttpVersionPolicy.RequestVersionExact)
        {
            receivers.Client.DefaultRequestVersion = HttpVersion.Version20;
            receivers.Client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        return receivers.SendAsync("github", HttpMethod.Post, content, headers);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Broker_that_hangs_is_503_whatever_ends_the_request(string end, bool http2)
    {
        await using var receivers = await StartAsync(end, http2);
        receivers.Queue.Behave = _ => Task.Delay(Timeout.Infinite, CancellationToken.None);
        (await PostAsync(receivers, http2, new StringContent("{}"), Sign.GitHub(Secret, "{}"))).Is(503, "broker-timeout");
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Broker_that_is_full_is_503_whatever_ends_the_request(string end, bool http2)
    {
        await using var receivers = await StartAsync(end, http2);
        receivers.Queue.Behave = async _ =>
        {
            await Task.Delay(2 * Soon, CancellationToken.None);
            throw new InvalidOperationException("OOM command not allowed when used memory > 'maxmemory'.");
        };
        (await PostAsync(receivers, http2, new StringContent("{}"), Sign.GitHub(Secret, "{}"))).Is(503, "broker-unavailable");
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Broker_that_confirms_after_the_request_was_ended_is_still_202(string end, bool http2)
    {
        await using var receivers = await StartAsync(end, http2);
        receivers.Queue.Behave = _ => Task.Delay(2 * Soon, CancellationToken.None);
        (await PostAsync(receivers, http2, new StringContent("{}"), Sign.GitHub(Secret, "{}"))).Is(202);
        Assert.Single(receivers.Queue.Received);
    }

    [Theory]
    [InlineData("request timeouts")]
    [InlineData("a token of its own")]
    [InlineData("nothing")]
    public async Task Half_a_body_over_HTTP_2_is_no_success(string end)
    {
        await using var receivers = await StartAsync(end, http2: true);
        foreach (var headers in new[] { Array.Empty<(string, string)>(), [Sign.GitHub(Secret, "{}")] })
        {
            using var half = new Half("{"u8.ToArray());
            var answer = await PostAsync(receivers, http2: true, half, headers);
            Assert.Contains((int)answer.Status, new[] { 400, 401, 408 });
            Assert.NotNull(answer.Reason);
        }

        Assert.Empty(receivers.Queue.Received);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Half_a_body_over_a_socket_is_no_success(string end, bool chunked)
    {
        await using var receivers = await StartAsync(end);
        foreach (var signature in new[] { "X-None: 1", $"X-Hub-Signature-256: {Sign.GitHub(Secret, "{}").Item2}" })
        {
            using var sender = await RawSender.ConnectAsync(receivers.Port);
            await sender.HeadAsync("github", signature, chunked ? "Transfer-Encoding: chunked" : "Content-Length: 100");
            await sender.WriteAsync(chunked ? "2\r\nxx\r\n" : "xx");
            var status = await sender.StatusAsync();
            Assert.True(status is 400 or 401 or 408, $"{status}");
        }

        Assert.Empty(receivers.Queue.Received);
    }

    [Theory]
    [InlineData("queue")]
    [InlineData("secrets")]
    [InlineData("repeats")]
    public async Task Cancellation_by_any_token_is_no_success(string what)
    {
        foreach (var end in new[] { "nothing", "a token cancelled before" })
        {
            foreach (var cancelled in new[] { true, false })
            {
                var exception = new OperationCanceledException(new CancellationToken(cancelled));
                await using var receivers = await StartAsync(end, services: x =>
                {
                    if (what == "repeats")
                        x.AddSingleton<IWebhookDeduplicator>(new Cancelled(exception));
                    if (what == "secrets")
                        x.AddSingleton(new Cancelled(exception)).AddWebhookReceiver("vault", r => r.GitHub().SecretsFrom<Cancelled>());
                });
                if (what == "queue")
                    receivers.Queue.Behave = _ => throw exception;
                var answer = await receivers.PostAsync(what == "secrets" ? "vault" : "github", "{}", Sign.GitHub(Secret, "{}"));
                // Without its store the ingress takes webhooks all the same: a repeat has the same id.
                answer.Is(what == "repeats" ? 202 : 503,
                    what switch { "queue" => "broker-unavailable", "secrets" => "secrets-unavailable", _ => null });
                Assert.Equal(what == "repeats" ? 1 : 0, receivers.Queue.Received.Count);
            }
        }
    }

    [Fact]
    public async Task Secrets_that_never_come_are_503_within_the_limit()
    {
        var never = new Never();
        await using var receivers = await StartAsync("nothing", services: x =>
            x.AddSingleton(never)
                .AddWebhookReceiver("vault", r => r.GitHub().SecretsFrom<Never>().Configure(o => o.EnqueueTimeout = 2 * Soon)));
        (await receivers.PostAsync("vault", "{}", Sign.GitHub(Secret, "{}"))).Is(503, "secrets-unavailable");
        never.IsBlocking = true;
        (await receivers.PostAsync("vault", "{}", Sign.GitHub(Secret, "{}"))).Is(503, "secrets-unavailable");
        never.Unblock.Set();
    }

    [Fact]
    public async Task Sender_that_goes_has_sent_its_webhook_and_its_next_attempt_is_a_repeat()
    {
        await using var receivers = await StartAsync("nothing");
        var (entered, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        receivers.Queue.Behave = _ =>
        {
            entered.TrySetResult();
            return gate.Task;
        };
        var signature = Sign.GitHub(Secret, "{}");
        using (var sender = await RawSender.ConnectAsync(receivers.Port))
        {
            await sender.HeadAsync("github", $"X-Hub-Signature-256: {signature.Item2}", "X-GitHub-Delivery: d1", "Content-Length: 2");
            await sender.WriteAsync("{}");
            await Eventually.CompletesAsync(entered.Task);
        }

        gate.SetResult();
        await Eventually.EqualAsync(200,
            async () => (int)(await receivers.PostAsync("github", "{}", signature, ("X-GitHub-Delivery", "d1"))).Status);
        Assert.Single(receivers.Queue.Received);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Response_that_has_begun_is_broken_off_and_nothing_is_taken(bool isLifetimeReplaced)
    {
        await using var receivers = await Receivers.StartAsync(
            b => b.Services.AddWebhookReceiver("github", r => r.GitHub(o => o.Secrets.Add(Secret))),
            pipeline: app => app.Use(async (context, next) =>
            {
                if (isLifetimeReplaced)
                    context.Features.Set<IHttpRequestLifetimeFeature>(new Lifetime());
                await context.Response.Body.WriteAsync("{"u8.ToArray());
                await next(context);
            }));
        await Assert.ThrowsAsync<HttpRequestException>(() => receivers.PostAsync("github", "{}", Sign.GitHub(Secret, "{}")));
        Assert.Empty(receivers.Queue.Received);
    }

    [Fact]
    public async Task Answer_that_cannot_be_written_is_no_success()
    {
        await using var receivers = await Receivers.StartAsync(
            b => b.Services.AddWebhookReceiver("github", r => r.GitHub(o => o.Secrets.Add(Secret))),
            pipeline: app => app.Use((context, next) =>
            {
                context.Response.Body = new Broken();
                return next(context);
            }));
        receivers.Queue.Behave = _ => throw new InvalidOperationException("down");
        using var sender = await RawSender.ConnectAsync(receivers.Port);
        await sender.HeadAsync("github", $"X-Hub-Signature-256: {Sign.GitHub(Secret, "{}").Item2}", "Content-Length: 2");
        await sender.WriteAsync("{}");
        Assert.True(await sender.StatusAsync() is null or >= 400);
    }

    [Fact]
    public async Task Filter_that_answers_after_the_ingress_does_not_make_a_refusal_a_success()
    {
        await using var receivers =
            await Receivers.StartAsync(b => b.Services.AddWebhookReceiver("github", r => r.GitHub(o => o.Secrets.Add(Secret))),
            pipeline: app => app.MapWebhooks("/filtered/{receiver}").AddEndpointFilter(async (context, next) =>
            {
                await next(context);
                return Results.Ok();
            }));
        receivers.Queue.Behave = _ => throw new InvalidOperationException("down");
        using var sender = await RawSender.ConnectAsync(receivers.Port);
        await sender.WriteAsync($"POST /filtered/github HTTP/1.1\r\nHost: h\r\nX-Hub-Signature-256: "
            + $"{Sign.GitHub(Secret, "{}").Item2}\r\nContent-Length: 2\r\n\r\n{{}}");
        Assert.True(await sender.StatusAsync() is null or >= 400);
    }

    [Fact]
    public async Task Host_that_stops_answers_what_it_has_begun()
    {
        await using var receivers =
            await Receivers.StartAsync(b => b.Services.AddWebhookReceiver("github", r => r.GitHub(o => o.Secrets.Add(Secret))));
        var (entered, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        receivers.Queue.Behave = _ =>
        {
            entered.TrySetResult();
            return gate.Task;
        };
        using var inWork = await RawSender.ConnectAsync(receivers.Port);
        await inWork.HeadAsync("github", $"X-Hub-Signature-256: {Sign.GitHub(Secret, "{}").Item2}", "Content-Length: 2");
        await inWork.WriteAsync("{}");
        await Eventually.CompletesAsync(entered.Task);

        var stopping = receivers.App.StopAsync();
        await Eventually.TrueAsync(() => receivers.App.Lifetime.ApplicationStopping.IsCancellationRequested);
        Assert.False(stopping.IsCompleted);
        gate.SetResult();
        Assert.Equal(202, await inWork.StatusAsync());
        await Eventually.CompletesAsync(stopping);
        Assert.Single(receivers.Queue.Received);
    }

    [Fact]
    public async Task Host_that_stops_waits_no_longer_for_a_body_than_it_may_take()
    {
        await using var receivers = await Receivers.StartAsync(b =>
        {
            b.Services.Configure<WebhookIngressOptions>(o => o.BodyTimeout = TimeSpan.FromSeconds(1));
            b.Services.AddWebhookReceiver("github", r => r.GitHub(o => o.Secrets.Add(Secret)));
        });
        using var stalled = await RawSender.ConnectAsync(receivers.Port);
        await stalled.HeadAsync("github", $"X-Hub-Signature-256: {Sign.GitHub(Secret, "{}").Item2}", "Content-Length: 2");
        await stalled.WriteAsync("{");
        await Eventually.TrueAsync(() => receivers.App.Services.GetRequiredService<BodyBudget>().Used > 0);

        var stopping = receivers.App.StopAsync();
        Assert.Equal(408, await stalled.StatusAsync());
        await Eventually.CompletesAsync(stopping);
        Assert.Empty(receivers.Queue.Received);
    }

    sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; }

        public void Abort()
        {
        }
    }

    /// <summary>Sends one byte of two, and no more.</summary>
    sealed class Half(byte[] first) : HttpContent
    {
        readonly TaskCompletionSource _end = new();

        protected override void Dispose(bool disposing)
        {
            _end.TrySetCanceled();
            base.Dispose(disposing);
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(first);
            await stream.FlushAsync();
            await _end.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 2;
            return true;
        }
    }

    sealed class Cancelled(Exception exception) : IWebhookSecretProvider, IWebhookDeduplicator
    {
        public ValueTask<IReadOnlyList<string>> GetSecretsAsync(string receiver, CancellationToken cancellationToken) => throw exception;

        public Task<WebhookClaim> ClaimAsync(Guid webhook, string owner, TimeSpan pending, CancellationToken cancellationToken) =>
            throw exception;

        public Task ConfirmAsync(Guid webhook, TimeSpan window, CancellationToken cancellationToken) => throw exception;

        public Task ReleaseAsync(Guid webhook, string owner, CancellationToken cancellationToken) => throw exception;
    }

    sealed class Never : IWebhookSecretProvider
    {
        public bool IsBlocking { get; set; }

        public ManualResetEventSlim Unblock { get; } = new();

        public async ValueTask<IReadOnlyList<string>> GetSecretsAsync(string receiver, CancellationToken cancellationToken)
        {
            if (IsBlocking)
                Unblock.Wait(CancellationToken.None);
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return [];
        }
    }

    sealed class Broken : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("no way out");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("no way out");

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            throw new IOException("no way out");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("no way out");
    }
}
