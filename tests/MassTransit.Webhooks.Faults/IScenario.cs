using MassTransit.Webhooks.Faults.Report;

namespace MassTransit.Webhooks.Faults;

/// <summary>A fault that is made and measured, under each setting that matters.</summary>
internal interface IScenario
{
    string Name { get; }

    string Group { get; }

    string Description { get; }

    /// <summary>Runs on servers of its own, one setting after the other.</summary>
    IAsyncEnumerable<Row> RunAsync(Settings settings);
}

/// <summary>What is being done, while it is; on the error stream, so that tables can be piped away.</summary>
internal static class Progress
{
    static readonly long Started = System.Diagnostics.Stopwatch.GetTimestamp();

    public static void Say(string what) =>
        Console.Error.WriteLine($"[{System.Diagnostics.Stopwatch.GetElapsedTime(Started):mm\\:ss}] {what}");
}
