using System.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary><c>--watch</c> and <c>tail</c>: the same again and again, until Ctrl+C.</summary>
static class Watching
{
    static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    public static Option<string?> Option() => new("--watch", "-w")
    {
        Description = "Shows it again after this time, until Ctrl+C",
        HelpName = "duration",
    };

    /// <summary>Once, or until it is interrupted.</summary>
    public static async Task<int> RunAsync(Session session, string? every, Func<Task> show, CancellationToken cancellationToken)
    {
        if (every is not null)
        {
            return await FollowAsync(session, "--watch", every, () =>
            {
                session.Output.NewScreen();
                return show();
            }, cancellationToken);
        }

        await show();
        return ExitCode.Done;
    }

    /// <summary>
    /// Does a step again and again until it is interrupted, which is how it ends. A server that is away at the first step ends it; one that
    /// goes away later is told of once and waited for, and its return is told of, too.
    /// </summary>
    public static async Task<int> FollowAsync(Session session, string option, string every, Func<Task> step,
        CancellationToken cancellationToken)
    {
        var pause = Durations.Parse(every);
        if (pause < Shortest)
            throw ToolException.Usage($"{option} {every} is too short: 200ms at the least.");
        var (isFirst, isAway) = (true, false);
        while (true)
        {
            try
            {
                await step();
                if (isAway)
                    session.Messages.Info("Redis answers again.");
                isAway = false;
            }
            catch (RedisTransportException exception) when (exception.IsTransient && !isFirst)
            {
                if (!isAway)
                    session.Messages.Warning($"{exception.Message} Waiting for it.");
                isAway = true;
            }
            catch (Exception exception) when (cancellationToken.IsCancellationRequested && exception is not OutputClosedException)
            {
                return ExitCode.Done;
            }

            isFirst = false;
            try
            {
                await Task.Delay(pause, session.Console.Time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Done;
            }
        }
    }
}
