using MassTransit.RedisTransport.Tool.Outcomes;

namespace MassTransit.RedisTransport.Tool.Tests.Verbs;

/// <summary>
/// How a verb is run where all verbs are looked at. Words in braces stand for what <see cref="Template"/> holds: queues, keys, a failure
/// group, an operation, files.
/// </summary>
/// <param name="Path">The verb: <c>queue show</c>.</param>
/// <param name="Arguments">What follows it.</param>
sealed record VerbCase(string Path, string Arguments)
{
    /// <summary>What it ends with.</summary>
    public int Code { get; init; } = ExitCode.Done;

    /// <summary>What it ends with for a queue that does not exist; <c>null</c>: it is not asked for one.</summary>
    public int? Unknown { get; init; } = ExitCode.NotFound;

    /// <summary>What it ends with for a queue with nothing in it.</summary>
    public int Empty { get; init; } = ExitCode.Done;

    /// <summary>It asks no server.</summary>
    public bool IsLocal { get; init; }

    /// <summary>It goes on until Ctrl+C.</summary>
    public bool IsFollowed { get; init; }

    /// <summary>What it prints is no object.</summary>
    public bool IsText { get; init; }

    /// <summary>It prints nothing on stdout.</summary>
    public bool IsSilent { get; init; }

    public override string ToString() => Path;

    public static readonly IReadOnlyList<VerbCase> All =
    [
        new("queues", "") { Unknown = null },
        new("queue show", "{orders}"),
        new("queue pause", "{orders} --for 30m"),
        new("queue resume", "{orders}"),
        new("queue limit", "{orders} 5"),
        new("queue rate", "{orders} 5/s"),
        new("queue workers", "{orders} 5"),
        new("queue reset", "{orders}"),
        new("queue purge", "{orders}"),
        new("queue delete", "{orders}"),
        new("messages", "{orders}"),
        new("dead groups", "{payments}"),
        new("dead list", "{payments}"),
        new("dead show", "{payments} {key}") { Empty = ExitCode.NotFound },
        new("dead replay", "{payments} {key}") { Empty = ExitCode.NotFound },
        new("dead purge", "{payments}"),
        new("dead edit", "{payments} {key} --body {}") { Empty = ExitCode.NotFound },
        new("dead note", "{payments} {group} known") { Empty = ExitCode.NotFound },
        new("dead export", "{payments}"),
        new("dead import", "{payments} {file} --any-queue"),
        new("dead send", "{payments_skipped} {webhook} --to http://127.0.0.1:1/ --as github")
        {
            Code = ExitCode.Failed,
            Empty = ExitCode.NotFound,
        },
        new("ops list", "{payments}"),
        new("ops show", "{operation}") { Unknown = null },
        new("ops run", "{operation}") { Unknown = null },
        new("ops pause", "{operation}") { Unknown = null },
        new("ops resume", "{operation}") { Unknown = null },
        new("ops cancel", "{operation}") { Unknown = null },
        new("ops rate", "{operation} 50") { Unknown = null },
        new("trash list", "{payments}"),
        new("trash restore", "{payments} {trashed}") { Empty = ExitCode.NotFound },
        new("workers", "{payments}"),
        new("doctor", "") { Unknown = null },
        new("tail", "{payments}") { IsFollowed = true },
        // What was done to a queue is told when the queue is gone, too.
        new("audit", "{payments_error}") { Unknown = ExitCode.Done },
        new("send", "http://127.0.0.1:1/ --as github") { IsLocal = true, Code = ExitCode.Failed },
        new("sign", "--as github") { IsLocal = true },
        new("verify", "--as github") { IsLocal = true, Code = ExitCode.Failed },
        new("listen", "--port 0") { IsLocal = true, IsFollowed = true },
        new("play", "{folder} http://127.0.0.1:1/") { IsLocal = true, Code = ExitCode.Failed },
        new("config show", "") { IsLocal = true },
        new("context list", "") { IsLocal = true },
        new("context use", "dev") { IsLocal = true, IsSilent = true },
        new("context set", "dev --prefix p") { IsLocal = true, IsSilent = true },
        new("context remove", "dev") { IsLocal = true, IsSilent = true },
        new("completion", "bash") { IsLocal = true, IsText = true },
    ];
}
