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
        var queue = QueueNames.DeadArgument(console);
        var limit = Paging.Limit(100);
        var keys = new Argument<string[]>("key") { Description = "Their keys", Arity = ArgumentArity.OneOrMore };
        return new Verb(console, "trash", "Lists and restores what was purged within a day.").With(
            new Verb(console, "list", "Lists what was deleted, the newest first.", "trash list orders").With(queue, limit)
                .Does(async (result, session, cancellationToken) =>
                {
                    var name = await DeadQueue.FindAsync(session, result.GetValue(queue)!, cancellationToken);
                    var page = await session.Redis.Trash.ListAsync(name, 0, Math.Clamp(result.GetValue(limit), 1, Paging.Page),
                        cancellationToken);
                    session.Output.List(Shape, page.Entries);
                    session.Messages.Info($"{page.Total} in the trash, {page.Bytes} bytes.");
                    return ExitCode.Done;
                }),
            new Verb(console, "restore", "Puts deleted dead letters back, each to its old place.",
                "trash restore orders 000a1b2c3d4e5f60000000").With(queue, keys, Acting.Reason)
                .Does(async (result, session, cancellationToken) =>
                {
                    var name = await DeadQueue.FindAsync(session, result.GetValue(queue)!, cancellationToken);
                    var count = await session.Redis.Trash.RestoreAsync(name, result.GetValue(keys)!,
                        Acting.By(session, result), cancellationToken);
                    session.Output.One(Outcome.Shape, new Outcome(RedisAuditActions.Restore, name, count));
                    return count > 0 ? ExitCode.Done : ExitCode.NotFound;
                }));
    }
}
