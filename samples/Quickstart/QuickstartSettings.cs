using System.Globalization;

namespace Quickstart;

/// <summary>What the environment and the command line say.</summary>
public sealed record QuickstartSettings
{
    const string DefaultIngress = "http://127.0.0.1:5080";

    /// <summary>REDIS_URL: a real Redis. <c>null</c>: an embedded server.</summary>
    public string? RedisUrl { get; private init; }

    /// <summary>INGRESS_URL: where webhooks are taken in.</summary>
    public string IngressUrl { get; private init; } = DefaultIngress;

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

        return new QuickstartSettings
        {
            RedisUrl = Variable("REDIS_URL"),
            IngressUrl = ReadUrl(Variable("INGRESS_URL") ?? DefaultIngress),
            Workers = ReadNumber("NUM_WORKERS", 10, 10_000),
            BatchSize = ReadNumber("BATCH_SIZE", 100, 1_000),
            Once = args.Length > 0,
        };
    }

    static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    static string ReadUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp
            ? url
            : throw new QuickstartException($"INGRESS_URL is '{url}': write an address such as {DefaultIngress}.");

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
