using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;

namespace MassTransit.Webhooks.AspNetCore.Tests.Ingress.Fuzz;

/// <summary>
/// Random requests of every scheme against the whole ingress, for a minute (FUZZ_SECONDS: longer), with rules that must hold whatever is
/// sent. A failure names its seed; FUZZ_SEED takes the same way again.
/// </summary>
public class FuzzTests(ITestOutputHelper output)
{
    const int Workers = 4;
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Whatever_is_sent_is_refused_or_published_once_byte_for_byte()
    {
        var seconds = ReadNumber("FUZZ_SECONDS") ?? 60;
        var seed = ReadNumber("FUZZ_SEED") ?? Random.Shared.Next();
        output.WriteLine($"FUZZ_SEED={seed} FUZZ_SECONDS={seconds}");
        var (broker, errors) = (new Broker(), new Errors());
        await using var app = await StartAsync(broker, errors);
        var run = new Run(new Uri(app.Urls.First()).Port, broker);

        var until = Stopwatch.GetTimestamp() + seconds * Stopwatch.Frequency;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed + worker);
            for (long i = 0; Stopwatch.GetTimestamp() < until && run.Failure is null; i++)
                await run.TryAsync(new FuzzedRequest(random, i * Workers + worker, Clock).Make());
        })));
        await app.StopAsync();

        output.WriteLine(run.ToString());
        Assert.True(run.Failure is null, $"FUZZ_SEED={seed}: {run.Failure}");
        Assert.True(errors.Lines.IsEmpty, $"FUZZ_SEED={seed}: {string.Join('\n', errors.Lines.Take(3))}");
        // Otherwise it has looked at nothing but refusals.
        foreach (var status in new[] { 202, 400, 401, 503 })
            Assert.True(run.Statuses.GetValueOrDefault(status) > 0, $"FUZZ_SEED={seed}: no {status} among {run}");
    }

    static DateTimeOffset Clock => new TestClock().Now;

    static string Key(byte[] body) => Convert.ToHexString(SHA256.HashData(body));

    static int? ReadNumber(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    static async Task<WebApplication> StartAsync(Broker broker, Errors errors)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(errors).SetMinimumLevel(LogLevel.Error);
        builder.Services.AddSingleton<TimeProvider>(new TestClock()).AddSingleton<IWebhookQueue>(broker);
        void Configure(WebhookReceiverOptions options)
        {
            options.Secrets.Add(FuzzedRequest.Secret);
            options.Headers.Add(FuzzedRequest.NumberHeader);
        }

        builder.Services
            .AddWebhookReceiver("github", r => r.GitHub(Configure))
            .AddWebhookReceiver("standard", r => r.StandardWebhooks(o =>
            {
                o.Secrets.Add(FuzzedRequest.StandardSecret);
                o.Headers.Add(FuzzedRequest.NumberHeader);
            }))
            .AddWebhookReceiver("stripe", r => r.Stripe(Configure))
            .AddWebhookReceiver("slack", r => r.Slack(Configure))
            .AddWebhookReceiver("shopify", r => r.Shopify(Configure))
            .AddWebhookReceiver("hmac", r => r.Hmac(h => (h.Header, h.Hash, h.Encoding, h.SignedContent, h.TimestampHeader) =
                ("X-Code", WebhookHash.Sha512, WebhookCodeEncoding.Base64, "{timestamp}:{body}", "X-Time"), Configure))
            .AddWebhookReceiver("token", r => r.Token(configure: Configure))
            .AddWebhookReceiver("open", r => r.AllowUnsigned("X-Id").Configure(Configure));
        var app = builder.Build();
        app.MapWebhooks();
        await app.StartAsync();
        return app;
    }

    sealed class Run(int port, Broker broker)
    {
        readonly ConcurrentDictionary<(string, string), bool> _accepted = [];

        public ConcurrentDictionary<int, int> Statuses { get; } = [];

        public string? Failure { get; private set; }

        public override string ToString() => string.Join(", ", Statuses.OrderBy(x => x.Key).Select(x => $"{x.Key}: {x.Value}"));

        public async Task TryAsync(FuzzedRequest request)
        {
            string answer;
            try
            {
                answer = await SendAsync(request).WaitAsync(AnswerLimit);
            }
            catch (TimeoutException)
            {
                Failure = $"no answer to {request}";
                return;
            }

            var status = Status(answer);
            Statuses.AddOrUpdate(status, 1, (_, x) => x + 1);
            if (Judge(request, status, answer) is { } fault)
                Failure ??= $"{fault}: {request}\n=> {answer}";
        }

        string? Judge(FuzzedRequest request, int status, string answer)
        {
            var published = broker.TakePublished(request.Number);
            if (status == 0)
                return published.Count > 0 ? "published, and not told" : request.IsCutOff ? null : "not answered";
            if (status is >= 200 and < 300)
            {
                if (request.Effective is not { } body)
                    return "success for a request that is none";
                if (!request.IsProven(body))
                    return "success without a proof";
                var key = (request.Receiver, Key(body));
                if (published.Count == 1)
                {
                    _accepted[key] = true;
                    return published[0].Receiver != request.Receiver
                        ? "published for another receiver" : published[0].Body.AsSpan().SequenceEqual(body)
                        ? null : "published with another body";
                }

                if (published.Count > 1)
                    return "published more than once";
                // A repeat of what another worker is just being answered for, or Slack's question.
                return _accepted.ContainsKey(key) || broker.WasConfirmed(request.Receiver, body)
                    || (request.Receiver == "slack" && answer.EndsWith($"\r\n\r\nc{request.Number}", StringComparison.Ordinal))
                    ? null : "success without the broker's confirmation";
            }

            if (published.Count > 0)
                return "published, and refused";
            if (status >= 500 && (status != 503 || !new[] { "broker-unavailable", "duplicate-pending",
                "body-consumed" }.Any(x => answer.Contains($"\"{x}\"", StringComparison.Ordinal))))
                return "a fault of the ingress";
            // An empty body in chunks cannot be told from one that a middleware has read, but by its signature.
            return answer.Contains("body-consumed", StringComparison.Ordinal) && request.Effective is not { Length: 0 }
                ? "a body that nobody has read is said to be" : null;
        }

        async Task<string> SendAsync(FuzzedRequest request)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port);
            try
            {
                // In two pieces: what is read is not what was written.
                var cut = request.Bytes.Length / 2;
                await socket.SendAsync(request.Bytes.AsMemory(0, cut));
                await socket.SendAsync(request.Bytes.AsMemory(cut));
                if (request.IsCutOff)
                    socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // Refused before all of it had come.
            }

            var answer = new StringBuilder();
            var buffer = new byte[4096];
            try
            {
                while (await socket.ReceiveAsync(buffer) is > 0 and var length)
                    answer.Append(Encoding.Latin1.GetString(buffer, 0, length));
            }
            catch (SocketException)
            {
                // The end, in the server's hurry.
            }

            return answer.ToString();
        }

        /// <summary>The last one: "100 Continue" may come before. 0: none.</summary>
        static int Status(string answer)
        {
            var status = 0;
            foreach (var line in answer.Split('\n'))
            {
                if (line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
                    status = int.Parse(line.AsSpan(9, 3), CultureInfo.InvariantCulture);
            }

            return status == 100 ? 0 : status;
        }
    }

    /// <summary>Confirms most, and refuses some for good and some after a while.</summary>
    sealed class Broker : IWebhookQueue
    {
        readonly ConcurrentDictionary<long, ConcurrentQueue<Webhook>> _published = [];
        readonly ConcurrentDictionary<(string, string), bool> _confirmed = [];

        public async Task EnqueueAsync(Webhook webhook, int priority = 0, CancellationToken cancellationToken = default)
        {
            var number = long.Parse(webhook.Headers[FuzzedRequest.NumberHeader], CultureInfo.InvariantCulture);
            if (number % 5 == 0)
                await Task.Yield();
            if (number % 13 == 0)
                throw number % 2 == 0 ? new InvalidOperationException("down") : new OperationCanceledException();
            _published.GetOrAdd(number, _ => []).Enqueue(webhook);
            _confirmed[(webhook.Receiver, Key(webhook.Body))] = true;
        }

        public IReadOnlyList<Webhook> TakePublished(long number) => _published.TryRemove(number, out var webhooks) ? [.. webhooks] : [];

        public bool WasConfirmed(string receiver, byte[] body) => _confirmed.ContainsKey((receiver, Key(body)));

        public Task EnqueueBatchAsync(IEnumerable<Webhook> webhooks, int priority = 0, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<WebhookQueueMetrics> GetMetricsAsync(CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }

    /// <summary>What is logged as an error and none of the broker's: an exception that nobody has handled, say.</summary>
    sealed class Errors : ILoggerProvider, ILogger
    {
        static readonly int[] Expected = [304, 307];

        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error && !Expected.Contains(eventId.Id))
                Lines.Enqueue($"{formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
