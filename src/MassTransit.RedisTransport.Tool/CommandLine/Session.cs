using MassTransit.RedisTransport.Tool.Configuration;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary>One run of one verb: its settings, where it writes, and the server once it is asked for.</summary>
sealed class Session : IAsyncDisposable
{
    /// <summary>The longest time that findings can wait for Redis.</summary>
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    RedisAdministration? _redis;

    /// <param name="console">The machine.</param>
    /// <param name="given">What the command line says.</param>
    public Session(ToolConsole console, GivenSettings given)
    {
        Console = console;
        Settings = ToolSettings.Resolve(console, given);
        var format = Settings.Output.Value ?? (console.IsOutTerminal ? OutputFormat.Table : OutputFormat.Ndjson);
        var color = Settings.Color.Value;
        Output = new DataOutput(console.Out, format, console.Width, color && console.IsOutTerminal);
        Messages = new Messages(console.Error, Settings.Output.Value is OutputFormat.Json or OutputFormat.Ndjson, Settings.Quiet,
            color && console.IsErrorTerminal);
    }

    public ToolConsole Console { get; }

    public ToolSettings Settings { get; }

    public DataOutput Output { get; }

    public Messages Messages { get; }

    /// <summary>Somebody can be asked: both the question and the answer are at a terminal.</summary>
    public bool CanAsk => Console.IsInTerminal && Console.IsErrorTerminal;

    /// <summary>The server. The first call says on stderr which one that is.</summary>
    public RedisAdministration Redis
    {
        get
        {
            if (_redis is not null)
                return _redis;
            if (Settings.Problem is not null)
                throw Settings.Problem;
            Messages.Info(ServerDisplay.Describe(Settings));
            return _redis = Connect(Settings);
        }
    }

    /// <summary>
    /// What a failure is. A server that refuses looks to the client as if it were away; to a person that is another matter.
    /// </summary>
    public async Task<(int Code, string? Message)> DescribeAsync(Exception exception)
    {
        var described = Failures.Describe(exception);
        return described.Code == ExitCode.Unreachable && _redis is not null && await _redis.FindConfigurationErrorAsync() is { } why
            ? (ExitCode.Refused, why) : described;
    }

    public IRedisQueues Queues => Redis.Queues;

    public IRedisDeadLetters DeadLetters => Redis.DeadLetters;

    public static RedisAdministration Connect(ToolSettings settings) =>
        RedisAdministration.Connect(settings.Redis.Value, settings.Prefix.Value, host =>
        {
            host.SendTimeout = settings.Timeout.Value;
            // Several attempts fit into the time, so that what fails for another reason than the network's is known as that.
            host.ConfigureConnection(options =>
                options.ConnectTimeout = (int)Math.Clamp(settings.Timeout.Value.TotalMilliseconds / 4, 250, 5_000));
            if (settings.Password is { } password)
                host.Password(password);
        }, limits: new RedisHealthOptions { Timeout = Within(settings.Timeout.Value) });

    /// <summary>What somebody gives to a call, findings may take, too.</summary>
    static TimeSpan Within(TimeSpan timeout) => timeout < Longest ? timeout : Longest;

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
            await _redis.DisposeAsync();
    }
}
