using System.CommandLine;
using System.Globalization;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary>What a dangerous verb is about to do, as far as it is known before.</summary>
/// <param name="Verb">In the infinitive: <c>purge</c>.</param>
/// <param name="Queue">The queue whose name is typed.</param>
/// <param name="Count">How many messages it touches.</param>
sealed record Danger(string Verb, string Queue, long Count)
{
    public DateTimeOffset? Oldest { get; init; }

    public DateTimeOffset? Newest { get; init; }

    /// <summary>A few of them, each on a line.</summary>
    public IReadOnlyList<string> Samples { get; init; } = [];

    /// <summary>What else happens, in a sentence.</summary>
    public string? Remark { get; init; }

    /// <summary>True where the queue's name is typed however few messages there are.</summary>
    public bool NeedsName { get; init; }
}

/// <summary>
/// Asks before anything is lost. Without a terminal nobody can be asked: then the command line itself says yes, and how many are expected.
/// </summary>
static class Confirmation
{
    /// <summary>From here on somebody types the queue's name, or gives the number.</summary>
    const long Many = 100;

    public static readonly Option<bool> Yes = new("--yes", "-y")
    {
        Description = "Does not ask. Above 100 messages it takes --expect, too",
    };

    public static readonly Option<long?> Expect = new("--expect")
    {
        Description = "How many messages are expected: does nothing if there are 10 % more or less",
        HelpName = "count",
    };

    public static readonly Option<bool> DryRun = new("--dry-run") { Description = "Shows what would be done, and changes nothing" };

    public static readonly Option[] All = [Yes, Expect, DryRun];

    /// <summary>What a line has that goes on with the rest, if nobody was asked.</summary>
    public static string Again(ParseResult result, long left) =>
        !result.GetValue(Yes) ? "" : result.GetValue(Expect) is null ? " --yes" : $" --yes --expect {left}";

    /// <returns>True: go on. False: a dry run, which is at its end.</returns>
    /// <exception cref="ToolException">Nobody has confirmed.</exception>
    public static async Task<bool> AskAsync(Session session, ParseResult result, Danger danger, CancellationToken cancellationToken)
    {
        Describe(session.Messages, danger);
        if (result.GetValue(DryRun))
        {
            session.Messages.Info("A dry run: nothing was changed.");
            return false;
        }

        var expected = result.GetValue(Expect);
        if (expected is { } count && Math.Abs(danger.Count - count) * 10 > count)
            throw Unconfirmed($"{count} were expected and {danger.Count} are there. Nothing was changed.");
        var needsName = danger.NeedsName || danger.Count > Many || session.Settings.IsProtected;
        if (result.GetValue(Yes) && (expected is not null || (danger.Count <= Many && !session.Settings.IsProtected)))
            return true;
        if (!session.CanAsk)
        {
            throw Unconfirmed(result.GetValue(Yes)
                ? $"--yes alone is not enough for {danger.Count} messages{(session.Settings.IsProtected ? " on a protected server" : "")}: "
                    + $"add --expect {danger.Count}. Nothing was changed."
                : "There is no terminal to ask at: --yes confirms. Nothing was changed.");
        }

        var wanted = needsName ? danger.Queue : "y";
        session.Messages.Ask(needsName ? $"Type the queue's name to {danger.Verb}:" : $"{Capital(danger.Verb)}? [y/N]");
        var answer = (await session.Console.ReadLineAsync(cancellationToken))?.Trim();
        if (!wanted.Equals(answer, needsName ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase))
            throw Unconfirmed("Not confirmed. Nothing was changed.");
        return true;
    }

    static void Describe(Messages messages, Danger danger)
    {
        var span = danger.Oldest is { } oldest
            ? $", from {Values.Utc(oldest, "yyyy-MM-dd HH:mm:ss")}" + (danger.Newest is { } newest
                ? $" to {Values.Utc(newest, "yyyy-MM-dd HH:mm:ss")} UTC" : " UTC")
            : "";
        var count = danger.Count.ToString("N0", CultureInfo.InvariantCulture);
        messages.Info($"{Capital(danger.Verb)} {count} {(danger.Count == 1 ? "message" : "messages")} of {danger.Queue}{span}.");
        foreach (var sample in danger.Samples)
            messages.Info($"  {sample}");
        if (danger.Remark is not null)
            messages.Info(danger.Remark);
    }

    static string Capital(string verb) => char.ToUpperInvariant(verb[0]) + verb[1..];

    static ToolException Unconfirmed(string message) => new(ExitCode.NotConfirmed, message);
}
