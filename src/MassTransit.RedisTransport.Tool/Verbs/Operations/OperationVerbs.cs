using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Operations;

/// <summary><c>mtq ops …</c>: bulk replays and purges, whoever has started them.</summary>
static class OperationVerbs
{
    public static Command Create(ToolConsole console) => new Verb(console, "ops", "Lists, shows and changes bulk operations.").With(
        List(console),
        Show(console),
        Run(console),
        Change(console, "pause", "Lets an operation rest.", (x, id, by, token) => x.PauseAsync(id, by, token)),
        Change(console, "resume", "Lets an operation go on that was paused.", (x, id, by, token) => x.ResumeAsync(id, by, token)),
        Change(console, "cancel", "Ends an operation. What it has done stays done.", (x, id, by, token) => x.CancelAsync(id, by, token)),
        Rate(console));

    static Verb List(ToolConsole console)
    {
        var queue = QueueNames.Argument(console, "Only those on the dead letters of this queue");
        queue.Arity = ArgumentArity.ZeroOrOne;
        var watch = Watching.Option();
        return new Verb(console, "list", "Lists operations, the newest first.", "ops list", "ops list --watch 2s").With(queue, watch)
            .Does((result, session, cancellationToken) => Watching.RunAsync(session, result.GetValue(watch), async () =>
            {
                var name = result.GetValue(queue) is { } given ? await DeadQueue.RequireAsync(session, given, cancellationToken) : null;
                session.Output.List(OperationRow.Shape, await session.Redis.Operations.ListAsync(name, cancellationToken));
            }, cancellationToken));
    }

    static Verb Show(ToolConsole console)
    {
        var id = Id();
        return new Verb(console, "show", "Shows one operation.", "ops show orders_error~0123456789ab").With(id)
            .Does(async (result, session, cancellationToken) =>
            {
                session.Output.One(OperationRow.Shape, Known(result.GetValue(id)!,
                    await session.Redis.Operations.GetAsync(result.GetValue(id)!, cancellationToken)));
                return ExitCode.Done;
            });
    }

    static Verb Run(ToolConsole console)
    {
        var id = Id();
        return new Verb(console, "run", "Works on an operation until it has ended, or watches the process that does.",
            "ops run orders_error~0123456789ab").With(id)
            .Does(async (result, session, cancellationToken) => await OperationRow.FollowAsync(session, result, Known(result.GetValue(id)!,
                await session.Redis.Operations.GetAsync(result.GetValue(id)!, cancellationToken)), cancellationToken));
    }

    static Verb Rate(ToolConsole console)
    {
        var id = Id();
        var rate = new Argument<string>("rate") { Description = "Messages a second, or 'none': as fast as possible" };
        return new Verb(console, "rate", "Changes how fast an operation goes.", "ops rate orders_error~0123456789ab 500")
            .With(id, rate, Acting.Reason)
            .Does(async (result, session, cancellationToken) =>
            {
                session.Output.One(OperationRow.Shape, Known(result.GetValue(id)!, await session.Redis.Operations.SetRateAsync(
                    result.GetValue(id)!, Numbers.ParseOrNone(result.GetValue(rate)!),
                    Acting.By(session, result), cancellationToken)));
                return ExitCode.Done;
            });
    }

    static Verb Change(ToolConsole console, string name, string description,
        Func<IRedisOperations, string, RedisActor, CancellationToken, Task<RedisOperation?>> change)
    {
        var id = Id();
        return new Verb(console, name, description, $"ops {name} orders_error~0123456789ab").With(id, Acting.Reason)
            .Does(async (result, session, cancellationToken) =>
            {
                session.Output.One(OperationRow.Shape, Known(result.GetValue(id)!, await change(session.Redis.Operations,
                    result.GetValue(id)!, Acting.By(session, result), cancellationToken)));
                return ExitCode.Done;
            });
    }

    static Argument<string> Id() => new("id") { Description = "The operation's id, as 'ops list' shows it" };

    static RedisOperation Known(string id, RedisOperation? operation) => operation
        ?? throw ToolException.NotFound($"There is no operation '{id}'. Those that have ended are kept for 30 days.");
}
