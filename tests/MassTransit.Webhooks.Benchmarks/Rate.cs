using System.Diagnostics;

namespace MassTransit.Webhooks.Benchmarks;

/// <summary>How a rate is measured: a warm-up apart, then the median of three rounds.</summary>
internal static class Rate
{
    public const int Rounds = 3;

    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public static async Task<double> MedianAsync(int count, Func<int, Task> round, int rounds = Rounds)
    {
        await round(Math.Max(1, count / 4));
        var rates = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await round(count);
            rates.Add(count / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return rates.Order().ElementAt(rounds / 2);
    }
}

/// <summary>What is being measured, while it is; on the error stream, so that tables can be piped away.</summary>
internal static class Progress
{
    static readonly long Started = Stopwatch.GetTimestamp();

    public static void Say(string what) => Console.Error.WriteLine($"[{Stopwatch.GetElapsedTime(Started):mm\\:ss}] {what}");
}
