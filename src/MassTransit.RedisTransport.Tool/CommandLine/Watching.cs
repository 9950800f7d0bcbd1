using System.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary><c>--watch</c>: shows the same again and again, until Ctrl+C.</summary>
static class Watching
{
    static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    public static Option<string?> Option() => new("--watch", "-w")
    {
        Description = "Shows it again after this time, until Ctrl+C",
        HelpName = "duration",
    };

    /// <summary>Once, or until it is interrupted. An outage while it watches is told and waited for.</summary>
    public static async Task<int> RunAsync(Session session, string? every, Func<Task> show, CancellationToken cancellationToken)
    {
        if (every is null)
        {
            await show();
            return ExitCode.Done;
        }

        var pause = Durations.Parse(every);
        if (pause < Shortest)
            throw ToolException.Usage($"--watch {every} is too short: 200ms at the least.");
        var isFirst = true;
        while (true)
        {
            session.Output.NewScreen();
            try
            {
                await show();
            }
            catch (RedisTransportException exception) when (exception.IsTransient && !isFirst)
            {
                session.Messages.Warning(exception.Message);
            }

            isFirst = false;
            try
            {
                await Task.Delay(pause, session.Console.Time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // Ctrl+C is how this ends.
                return ExitCode.Done;
            }
        }
    }
}
