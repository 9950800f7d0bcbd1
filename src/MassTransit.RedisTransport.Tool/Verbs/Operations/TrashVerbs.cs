using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Operations;

/// <summary><c>mtq trash …</c>: what was purged within a day, and the way back.</summary>
static class TrashVerbs
{
    static readonly Shape<RedisTrashedLetter> Shape = new(
        new("key", "KEY", x => x.Letter.Key),
        new("deletedAt", "DELETED", x => x.DeletedAt),
        new("restorableUntil", "UNTIL", x => x.RestorableUntil),
        new("exceptionType", "EXCEPTION", x => x.Letter.ExceptionType),
        new("faultMessage", "MESSAGE", x => x.Letter.FaultMessage),
        new("bytes", "BYTES", x => x.Letter.Body.Length));

    public static Command Create(ToolConsole console)
    {
        var queue = QueueNames.Argument(console, "The dead-letter queue");
        var limit = new Option<int>("--limit", "-n") { Description = "How many at most. Default: 100", DefaultValueFactory = _ => 100 };
        var keys = new Argument<string[]>("key") { Description = "Their keys", Arity = ArgumentArity.OneOrMore };
        return new Verb(console, "trash", "Lists and restores what was purged within a day.").With(
            new Verb(console, "list", "Lists what was deleted, the newest first.", "trash list orders_error").With(queue, limit)
                .Does(async (result, session, cancellationToken) =>
                {
                    var page = await session.Redis.Trash.ListAsync(result.GetValue(queue)!, 0, Math.Clamp(result.GetValue(limit), 1, 1_000),
                        cancellationToken);
                    session.Output.List(Shape, page.Entries);
                    session.Messages.Info($"{page.Total} in the trash, {page.Bytes} bytes.");
                    return ExitCode.Done;
                }),
            new Verb(console, "restore", "Puts deleted dead letters back, each to its old place.",
                "trash restore orders_error 000a1b2c3d4e5f60000000").With(queue, keys, Acting.Reason)
                .Does(async (result, session, cancellationToken) =>
                {
                    var count = await session.Redis.Trash.RestoreAsync(result.GetValue(queue)!, result.GetValue(keys)!,
                        new RedisActor(session.Settings.User, result.GetValue(Acting.Reason)), cancellationToken);
                    session.Output.One(Outcome.Shape, new Outcome(RedisAuditActions.Restore, result.GetValue(queue)!, count));
                    return count > 0 ? ExitCode.Done : ExitCode.NotFound;
                }));
    }
}
