namespace MassTransit.Webhooks.Faults.Report;

/// <summary>Why Redis cannot hold a promise under a setting, and what closes the gap.</summary>
/// <param name="Letter">Names it in the table.</param>
/// <param name="Text">In plain words.</param>
internal sealed record Reason(char Letter, string Text)
{
    public static readonly Reason Replication = new('a',
        "Replication is asynchronous: the primary confirms, and replicas get it a moment later. What the old primary had confirmed and the "
        + "new one had not is gone. `RequireReplicas` closes it.");

    public static readonly Reason Lag = new('b',
        "`min-replicas-to-write` looks at the last sign of life of the replicas, up to `min-replicas-max-lag` seconds old: it bounds how "
        + "long a primary that is alone goes on confirming, and does not wait for a single write. `RequireReplicas` does.");

    public static readonly Reason OneReplica = new('c',
        "One replica has it, and the other may be promoted: Sentinel prefers the one that is ahead, and cannot always know. "
        + "`RequireReplicas` with the number of all replicas survives any choice; sends are then refused while one of them is down.");

    public static readonly Reason OldSnapshot = new('d',
        "Redis comes back as it was when the snapshot was taken: what was sent since is gone, and what was processed since comes again. "
        + "`appendonly yes` closes it; `appendfsync always` also for the loss of power.");

    public static readonly Reason Promotion = new('e',
        "The replica of a cluster takes over without what had not reached it, as under Sentinel. `RequireReplicas` closes it.");

    public static readonly Reason Refused = new('f',
        "A send that too few replicas confirm is refused, and is stored on the primary all the same: a sender that repeats it while a "
        + "replica is missing sends it again. The ids are the same.");

    public static readonly IReadOnlyList<Reason> All = [Replication, Lag, OneReplica, OldSnapshot, Promotion, Refused];
}
