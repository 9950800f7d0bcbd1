using System.Diagnostics;
using System.Globalization;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Signing;

/// <summary>What became of one request.</summary>
sealed record Delivery(int Number, string Id, int? Status, string? Reason, double Milliseconds, string? Error)
{
    public static readonly Shape<Delivery> Shape = new(
        new("number", "#", x => x.Number),
        new("id", "ID", x => x.Id),
        new("status", "STATUS", x => x.Status),
        new("reason", "REASON", x => x.Reason),
        new("milliseconds", "MS", x => x.Milliseconds),
        new("error", "ERROR", x => x.Error));

    public bool IsAccepted => Status is >= 200 and < 300;
}

/// <summary>Sends requests with exactly the bytes and headers that they are given.</summary>
sealed class RequestSender : IDisposable
{
    /// <summary>Of one connection to the next, or set by whoever sends.</summary>
    static readonly HashSet<string> Hops = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
        "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    readonly HttpClient _client;

    public RequestSender(Uri target, TimeSpan timeout)
    {
        Target = target;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // A proxy of the machine does not know the machine's own ports.
            UseProxy = !target.IsLoopback,
            RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
            // Traces of the tool's own have no place in a copy of a request.
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = 256,
        })
        { Timeout = timeout };
    }

    public Uri Target { get; }

    public static bool IsHop(string name) => Hops.Contains(name);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address, byte[] body,
        IEnumerable<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in headers.Where(x => !IsHop(x.Name)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request, cancellationToken);
    }

    public async Task<Delivery> DeliverAsync(int number, string id, byte[] body, IEnumerable<(string Name, string Value)> headers,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var response = await SendAsync(HttpMethod.Post, Target, body, headers, cancellationToken);
            var text = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return new Delivery(number, id, (int)response.StatusCode, ReasonOf(text), Elapsed(started), null);
        }
        catch (Exception exception) when (exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Delivery(number, id, null, null, Elapsed(started), exception.InnerException?.Message ?? exception.Message);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The ingress says in its answer why it refuses; others may answer anything.</summary>
    public static string? ReasonOf(ReadOnlyMemory<byte> body)
    {
        if (body.Length is 0 or > 64 * 1024)
            return null;
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("reason", out var reason)
                && reason.ValueKind == JsonValueKind.String ? reason.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static double Elapsed(long started) =>
        Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1);

    /// <summary>Counts by status, and the time of the middle and of the slowest hundredth.</summary>
    public static string Summarize(IReadOnlyList<Delivery> deliveries)
    {
        var times = deliveries.Select(x => x.Milliseconds).Order().ToArray();
        var counts = deliveries.GroupBy(x => (x.Status, x.Reason)).OrderBy(x => x.Key.Status).Select(x =>
            $"{x.Count()} {(x.Key.Status is { } status ? status.ToString(CultureInfo.InvariantCulture) : "without an answer")}"
            + (x.Key.Reason is { } reason ? $" {reason}" : ""));
        string At(double part) =>
            times[Math.Min(times.Length - 1, (int)(times.Length * part))].ToString("0.#", CultureInfo.InvariantCulture);
        return $"{deliveries.Count} sent: {string.Join(", ", counts)}; median {At(0.5)} ms, p99 {At(0.99)} ms.";
    }
}
