using System.Globalization;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>What pages show of a queue or of an operation and what is updated there, as it is written.</summary>
internal static class LiveFigures
{
    public static IEnumerable<(string Figure, string Text)> Of(RedisQueueInfo queue) =>
    [
        ("ready", Formats.Count(queue.Ready)), ("delayed", Formats.Count(queue.Delayed)), ("leased", Formats.Count(queue.Leased)),
        ("dead", Formats.Count(queue.DeadLetters)), ("sent", Formats.Count(queue.Sent)), ("completed", Formats.Count(queue.Completed)),
        ("moved", Formats.Count(queue.Moved)), ("reclaimed", Formats.Count(queue.Reclaimed)), ("paused", PausedOf(queue)),
    ];

    public static IEnumerable<(string Figure, string Text)> Of(RedisOperation operation) =>
    [
        ("state", operation.State.ToString()), ("because", operation.Because ?? ""),
        ("value", Handled(operation).ToString(CultureInfo.InvariantCulture)), ("progress", ProgressOf(operation)),
        ("looked", Formats.Count(operation.Looked)), ("missing", Formats.Count(operation.Missing)),
        ("failed", Formats.Count(operation.FailedAgain)), ("trashed", Formats.Count(operation.InTrash)), ("acts", ActsOf(operation)),
    ];

    /// <summary>Empty for a queue that goes on.</summary>
    public static string PausedOf(RedisQueueInfo queue) => queue.IsPaused ? "paused" : "";

    public static string ProgressOf(RedisOperation operation) => operation.Total is { } total
        ? $"{Formats.Count(operation.Done)} of {Formats.Count(total)}" : Formats.Count(operation.Done);

    /// <summary>How many it is through with.</summary>
    public static long Handled(RedisOperation operation) => operation.Done + operation.Missing;

    /// <summary>Which acts it can take: a page with others is loaded again.</summary>
    public static string ActsOf(RedisOperation operation) =>
        operation.HasEnded ? "ended" : operation.State == RedisOperationState.Paused ? "paused" : "active";
}
