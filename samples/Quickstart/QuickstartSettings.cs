using System.Globalization;

namespace Quickstart;

/// <summary>What the environment and the command line say.</summary>
public sealed record QuickstartSettings
{
    const string DefaultTraceUrl = "http://localhost:16686/trace/{traceId}";
    const string DefaultIngress = "http://127.0.0.1:5080";

    /// <summary>REDIS_URL: a real Redis. <c>null</c>: an embedded server.</summary>
    public string? RedisUrl { get; private init; }

    /// <summary>INGRESS_URL: where webhooks are taken in.</summary>
    public string IngressUrl { get; private init; } = DefaultIngress;

    /// <summary>MANAGEMENT_URL: where dashboard, health and metrics are. Default: the port above that of the ingress.</summary>
    public string ManagementUrl { get; private init; } = "";

    /// <summary>TRACE_URL: the address of a trace. Default: that of a Jaeger on this machine.</summary>
    public string TraceUrl { get; private init; } = DefaultTraceUrl;

    /// <summary>NUM_WORKERS: how many batches are processed at a time.</summary>
    public int Workers { get; private init; } = 10;

    /// <summary>BATCH_SIZE: how many webhooks a batch has at most.</summary>
    public int BatchSize { get; private init; } = 100;

    /// <summary>--once: end after the accounting.</summary>
    public bool Once { get; private init; }

    /// <exception cref="QuickstartException">A value cannot be used; the message says which, and what can.</exception>
    public static QuickstartSettings Read(string[] args)
    {
        foreach (var argument in args)
        {
            if (argument != "--once")
                throw new QuickstartException($"'{argument}' is not known. The only argument is --once: end after the accounting.");
        }

        var ingress = ReadUrl("INGRESS_URL", Variable("INGRESS_URL") ?? DefaultIngress);
        return new QuickstartSettings
        {
            RedisUrl = Variable("REDIS_URL"),
            IngressUrl = ingress,
            ManagementUrl = Variable("MANAGEMENT_URL") is { } management ? ReadUrl("MANAGEMENT_URL", management) : Beside(ingress),
            TraceUrl = Variable("TRACE_URL") ?? DefaultTraceUrl,
            Workers = ReadNumber("NUM_WORKERS", 10, 10_000),
            BatchSize = ReadNumber("BATCH_SIZE", 100, 1_000),
            Once = args.Length > 0,
        };
    }

    static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    static string ReadUrl(string name, string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp
            ? url
            : throw new QuickstartException($"{name} is '{url}': write an address such as {DefaultIngress}.");

    /// <summary>The next port; any port beside any port.</summary>
    static string Beside(string url)
    {
        var uri = new Uri(url);
        return $"http://{uri.Host}:{(uri.Port is 0 or 65_535 ? 0 : uri.Port + 1)}";
    }

    static int ReadNumber(string name, int defaultValue, int max)
    {
        if (Variable(name) is not { } text)
            return defaultValue;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max
            ? number
            : throw new QuickstartException($"{name} is '{text}': write a whole number from 1 to {max}.");
    }
}

/// <summary>What a person can put right; the message says how.</summary>
public sealed class QuickstartException(string message) : Exception(message);
