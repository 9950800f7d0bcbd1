using System.CommandLine;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary>
/// Who acts, and why: an act that destroys, changes or shows something is written to the audit first, and is not done without that.
/// </summary>
static class Acting
{
    public static readonly Option<string?> Reason = new("--reason", "-m") { Description = "Why; kept in the audit", HelpName = "text" };

    /// <summary>Who acts, and why if the verb asks for that.</summary>
    public static RedisActor By(Session session, ParseResult result) => new(session.Settings.User, WhyOf(result));

    /// <param name="session">The run, which knows who the user says to be.</param>
    /// <param name="result">The command line, with a reason or without.</param>
    /// <param name="action">One of <see cref="RedisAuditActions"/>.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="selection">Which messages.</param>
    /// <param name="count">How many, as far as that is known before.</param>
    public static RedisAuditEntry Entry(Session session, ParseResult result, string action, string queue, string? selection, long? count) =>
        new()
        {
            User = session.Settings.User,
            Action = action,
            Queue = queue,
            Selection = selection is { Length: > RedisAuditEntry.MaxReason }
                ? $"{selection[..(RedisAuditEntry.MaxReason - 1)]}…" : selection,
            Count = count,
            Reason = WhyOf(result),
        };

    static string? WhyOf(ParseResult result) => result.GetResult(Reason) is null ? null : result.GetValue(Reason);
}
