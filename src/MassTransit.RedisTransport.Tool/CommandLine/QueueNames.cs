using System.CommandLine;
using System.CommandLine.Completions;
using MassTransit.RedisTransport.Tool.Configuration;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary>Names of queues for a shell that completes: soon, or none. Whoever presses Tab does not wait for a server.</summary>
static class QueueNames
{
    static readonly TimeSpan DefaultLimit = TimeSpan.FromMilliseconds(300);

    public static Argument<string> Argument(ToolConsole console, string description = "The queue's name") =>
        Complete(console, new Argument<string>("queue") { Description = description });

    public static Argument<string> DeadArgument(ToolConsole console) =>
        Argument(console, "The queue, or its dead-letter queue: orders means orders_error");

    public static Argument<string[]> Several(ToolConsole console) =>
        Complete(console, new Argument<string[]>("queue") { Description = "The queues' names", Arity = ArgumentArity.OneOrMore });

    static T Complete<T>(ToolConsole console, T argument)
        where T : Argument
    {
        argument.CompletionSources.Add(context => Read(console, context));
        return argument;
    }

    static IEnumerable<CompletionItem> Read(ToolConsole console, CompletionContext context)
    {
        try
        {
            var limit = console.Variable("MTQ_COMPLETION_TIMEOUT") is { } given && Durations.TryParse(given, out var time)
                ? time : DefaultLimit;
            var settings = ToolSettings.Resolve(console, GlobalOptions.Read(context.ParseResult));
            // On a thread of its own: connecting begins with work that takes no time limit.
            var reading = Task.Run(async () =>
            {
                await using var redis = Session.Connect(settings);
                return await redis.Queues.ListAsync();
            });
            return reading.Wait(limit) ? [.. reading.Result.Select(x => new CompletionItem(x.Name))] : [];
        }
        catch (Exception)
        {
            return [];
        }
    }
}
