using System.CommandLine;
using System.IO.Enumeration;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Queues;

/// <summary><c>mtq queues</c>: all queues with their counts.</summary>
static class QueuesVerb
{
    public static Command Create(ToolConsole console)
    {
        var pattern = new Argument<string?>("pattern")
        {
            Description = "Only queues of this name; * stands for any text",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all", "-a") { Description = "Dead-letter queues, too: else they are counted with their queue" };
        var watch = Watching.Option();
        return new Verb(console, "queues", "Lists the queues with their counts.", "queues", "queues 'order*' --watch 2s", "queues -o json")
            .With(pattern, all, watch)
            .Does((result, session, cancellationToken) => Watching.RunAsync(session, result.GetValue(watch), async () =>
            {
                var name = result.GetValue(pattern);
                var queues = (await session.Queues.ListAsync(cancellationToken))
                    .Where(x => result.GetValue(all) || !x.IsDeadLetterQueue)
                    .Where(x => name is null || FileSystemName.MatchesSimpleExpression(name, x.Name, ignoreCase: false)).ToArray();
                session.Output.List(QueueRow.Shape, queues);
                if (queues.Length == 0)
                    session.Messages.Info(name is null ? "There is no queue." : $"No queue is called '{name}'.");
            }, cancellationToken));
    }
}
