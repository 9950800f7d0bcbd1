using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Queues;

/// <summary><c>mtq messages</c>: what waits, is delayed or is at work, without touching it.</summary>
static class MessagesVerb
{
    public static readonly Shape<RedisQueuedMessage> Shape = new(
        new("key", "KEY", x => x.Key),
        new("messageId", "ID", x => x.MessageId),
        new("messageTypes", null, x => x.MessageTypes),
        new("type", "TYPE", x => x.MessageTypes.Count == 0 ? null : MessageTypes.Short(x.MessageTypes[0])),
        new("priority", "PRIO", x => x.Priority),
        new("availableAt", "AVAILABLE", x => x.AvailableAt),
        new("leasedUntil", "LEASED UNTIL", x => x.LeasedUntil),
        new("failedDeliveries", "FAILED", x => x.FailedDeliveries),
        new("contentType", null, x => x.ContentType),
        new("bytes", "BYTES", x => x.Body.Length),
        new("isReadable", null, x => x.IsReadable));

    public static Command Create(ToolConsole console)
    {
        var queue = QueueNames.Argument(console);
        var state = new Option<string>("--state")
        {
            Description = "ready, delayed or leased. Default: ready",
            DefaultValueFactory = _ => "ready",
            HelpName = "state",
        };
        state.AcceptOnlyFromAmong("ready", "delayed", "leased");
        var limit = Paging.Limit(20);
        return new Verb(console, "messages", "Shows messages of a queue in the order of their delivery.",
            "messages orders", "messages orders --state delayed --limit 100 -o json")
            .With(queue, state, limit)
            .Does(async (result, session, cancellationToken) =>
            {
                var wanted = Math.Max(1, result.GetValue(limit));
                var messages = new List<RedisQueuedMessage>();
                for (var isLast = false; !isLast && messages.Count < wanted;)
                {
                    var asked = Math.Min(Paging.Page, wanted - messages.Count);
                    var page = await session.Queues.PeekAsync(result.GetValue(queue)!, State(result.GetValue(state)!), messages.Count,
                        asked, cancellationToken);
                    messages.AddRange(page);
                    isLast = page.Count < asked;
                }

                session.Output.List(Shape, messages);
                if (messages.Count == 0)
                    session.Messages.Info($"No message of '{result.GetValue(queue)}' is {result.GetValue(state)}.");
                return ExitCode.Done;
            });
    }

    static RedisMessageState State(string text) => text switch
    {
        "delayed" => RedisMessageState.Delayed,
        "leased" => RedisMessageState.Leased,
        _ => RedisMessageState.Ready,
    };
}
