using System.Globalization;
using Microsoft.Extensions.Options;

namespace Worker;

/// <summary>The sections Redis and Worker of the configuration.</summary>
/// <param name="RedisUrl">Redis:Url. Where Redis is.</param>
/// <param name="KeyPrefix">Redis:KeyPrefix. The ingress must have the same.</param>
/// <param name="Workers">Worker:Workers. How many batches are processed at a time.</param>
/// <param name="BatchSize">Worker:BatchSize. How many webhooks a batch has at most.</param>
/// <param name="WorkTime">Worker:WorkTime. How long the pretended backend takes for a batch.</param>
sealed record WorkerSettings(string RedisUrl, string KeyPrefix, int Workers, int BatchSize, TimeSpan WorkTime)
{
    /// <exception cref="OptionsValidationException">A value cannot be used; the message says which, and what can.</exception>
    public static WorkerSettings Read(IConfiguration configuration) => new(
        configuration["Redis:Url"] is { Length: > 0 } url
            ? url : throw Wrong("Redis:Url", "", "write an address such as redis://localhost:6379/0 (REDIS_URL)"),
        configuration["Redis:KeyPrefix"] ?? "webhooks",
        ReadNumber(configuration, "Worker:Workers", "NUM_WORKERS", 10, 10_000),
        ReadNumber(configuration, "Worker:BatchSize", "BATCH_SIZE", 100, 1_000),
        ReadTime(configuration, "Worker:WorkTime"));

    static int ReadNumber(IConfiguration configuration, string name, string shortName, int defaultValue, int max) =>
        configuration[name] is not { Length: > 0 } text ? defaultValue
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max ? number
        : throw Wrong(name, text, $"write a whole number from 1 to {max} ({shortName})");

    static TimeSpan ReadTime(IConfiguration configuration, string name) =>
        configuration[name] is not { Length: > 0 } text ? TimeSpan.Zero
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time >= TimeSpan.Zero ? time
        : throw Wrong(name, text, "write a time such as 00:00:00.005");

    static OptionsValidationException Wrong(string name, string value, string cure) =>
        new(name, typeof(WorkerSettings), [$"{name} is '{value}': {cure}."]);
}
