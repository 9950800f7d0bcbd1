namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The figures that pages show of a queue, and that are updated.</summary>
internal static class LiveFigureNames
{
    public static IEnumerable<(string Figure, long Value)> Of(RedisQueueInfo queue) =>
    [
        ("ready", queue.Ready), ("delayed", queue.Delayed), ("leased", queue.Leased), ("dead", queue.DeadLetters), ("sent", queue.Sent),
        ("completed", queue.Completed), ("moved", queue.Moved), ("reclaimed", queue.Reclaimed),
    ];
}
