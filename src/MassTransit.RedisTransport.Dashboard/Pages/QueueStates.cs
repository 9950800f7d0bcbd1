namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The states by which the list of queues is filtered: how an address names them, how people do, and what they mean.</summary>
internal static class QueueStates
{
    public static readonly IReadOnlyList<(string Name, string Text, Func<RedisQueueInfo, bool> Holds)> All =
    [
        ("backlog", "messages wait", x => x.Ready > 0),
        ("busy", "messages in work", x => x.Leased > 0),
        ("dead", "dead letters", x => x.DeadLetters > 0),
        ("paused", "paused", x => x.IsPaused),
    ];

    /// <summary>Returns what a state means; <c>null</c> if there is no such state.</summary>
    public static Func<RedisQueueInfo, bool>? Find(string? name) =>
        name is null ? _ => true : All.FirstOrDefault(x => x.Name == name).Holds;
}
