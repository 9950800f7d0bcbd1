using System.CommandLine;
using System.Diagnostics;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;
using MassTransit.RedisTransport.Tool.Signing;
using MassTransit.Webhooks.Redis;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary><c>mtq dead edit</c>: changes the body of a dead letter and replays it, in one step.</summary>
static class DeadEditVerb
{
    public static Verb Create(ToolConsole console)
    {
        var one = new OneLetter(console);
        var body = new Option<string?>("--body") { Description = "@file, - for the standard input, or the text. Default: $EDITOR" };
        return new Verb(console, "edit", "Changes the body of a dead letter and replays it, in one step. The original goes to the trash.",
            "dead edit orders 000a1b2c3d4e5f60000000", "dead edit orders 000a1b2c3d4e5f60000000 --body @fixed.json --yes")
            .With([.. one.All, body, Acting.Reason, .. Confirmation.All])
            .Does(async (result, session, cancellationToken) =>
            {
                var letter = await one.ReadAsync(session, result, cancellationToken);
                var row = new DeadRow(letter);
                var before = row.Bytes.ToArray();
                var after = result.GetValue(body) is { } given
                    ? await BodyInput.ReadAsync(console, given, cancellationToken) : await EditAsync(session, before, cancellationToken);
                if (after.AsSpan().SequenceEqual(before))
                {
                    session.Messages.Info("Nothing was changed.");
                    return ExitCode.Done;
                }

                foreach (var line in LineDiff.Of(Payload.Show(before, row.BytesType), Payload.Show(after, row.BytesType)))
                    session.Messages.Info(line);
                var danger = new Danger("replay the edited message", letter.Queue, 1) { Samples = [row.Sample] };
                if (!await Confirmation.AskAsync(session, result, danger, cancellationToken))
                    return ExitCode.Done;
                var outcome = await session.DeadLetters.EditAndReplayAsync(letter.Queue, letter.Key, EditOf(row, after),
                    Acting.By(session, result), cancellationToken);
                if (outcome == RedisEditOutcome.Gone)
                    throw ToolException.Conflict("It is gone or was edited meanwhile: 'mtq audit' says by whom. Nothing was changed.");
                session.Output.One(Outcome.Shape, new Outcome(RedisAuditActions.Edit, letter.Queue, 1));
                return ExitCode.Done;
            });
    }

    /// <summary>A webhook's own body is a part of its message, the rest of which stays.</summary>
    static RedisEdit EditOf(DeadRow row, byte[] body) => row.Webhook is null
        ? new RedisEdit { Body = body } : new RedisEdit { Message = WebhookReading.WithBody(row.Letter, body) };

    /// <summary>Opens the body in the user's editor, in a file that nobody else can read.</summary>
    static async Task<byte[]> EditAsync(Session session, byte[] body, CancellationToken cancellationToken)
    {
        var editor = session.Console.Variable("VISUAL") ?? session.Console.Variable("EDITOR");
        if (editor is null || !session.CanAsk)
            throw ToolException.Usage("There is no editor (EDITOR), or no terminal for it: give the body by --body @file.");
        var folder = Directory.CreateTempSubdirectory("mtq-").FullName;
        try
        {
            var file = Path.Combine(folder, "body");
            await File.WriteAllBytesAsync(file, body, cancellationToken);
            var words = editor.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            using var process = Process.Start(new ProcessStartInfo(words[0], [.. words[1..], file]) { UseShellExecute = false })
                ?? throw ToolException.Usage($"The editor '{editor}' does not start.");
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? await File.ReadAllBytesAsync(file, cancellationToken)
                : throw new ToolException(ExitCode.NotConfirmed, "The editor ended with an error. Nothing was changed.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>What has changed between two texts, line by line, without what stands equal before and behind it.</summary>
static class LineDiff
{
    public static IEnumerable<string> Of(string before, string after)
    {
        var (left, right) = (before.Split('\n'), after.Split('\n'));
        var start = 0;
        while (start < left.Length && start < right.Length && left[start] == right[start])
            start++;
        var end = 0;
        while (end < left.Length - start && end < right.Length - start && left[^(end + 1)] == right[^(end + 1)])
            end++;
        return left[start..^end].Select(x => $"- {x}").Concat(right[start..^end].Select(x => $"+ {x}"));
    }
}
