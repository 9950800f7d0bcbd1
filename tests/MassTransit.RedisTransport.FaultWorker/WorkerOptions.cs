using System.Globalization;

namespace MassTransit.RedisTransport.FaultWorker;

/// <summary>server prefix queue mode [name=number ...]</summary>
sealed class WorkerOptions
{
    public required string Server { get; init; }

    public required string Prefix { get; init; }

    public required string Queue { get; init; }

    /// <summary>
    /// consume: reports and succeeds; fault: odd ids throw; produce: sends ids one after the other; block: sends them all at once, each
    /// blocking a thread of the pool; operate: works on operations on dead letters.
    /// </summary>
    public required string Mode { get; init; }

    public required Dictionary<string, int> Numbers { get; init; }

    public int Lease => Numbers.GetValueOrDefault("lease", 1_000);

    public int Prefetch => Numbers.GetValueOrDefault("prefetch", 20);

    /// <summary>How long a message takes, ms.</summary>
    public int Work => Numbers.GetValueOrDefault("work", 5);

    /// <summary>1: the consumer does not look at its cancellation token.</summary>
    public bool Stubborn => Numbers.GetValueOrDefault("stubborn") == 1;

    /// <summary>1: the consumer blocks its thread while it works.</summary>
    public bool Blocking => Numbers.GetValueOrDefault("block") == 1;

    /// <summary>How many messages are worked on at once; 0: as many as are prefetched.</summary>
    public int Limit => Numbers.GetValueOrDefault("limit");

    /// <summary>The first id a producer sends.</summary>
    public int From => Numbers.GetValueOrDefault("from", 1);

    /// <summary>How many are sent at once.</summary>
    public int Count => Numbers.GetValueOrDefault("count", 300);

    public static WorkerOptions Parse(string[] args) => new()
    {
        Server = args[0],
        Prefix = args[1],
        Queue = args[2],
        Mode = args[3],
        Numbers = args.Skip(4).Select(x => x.Split('='))
            .ToDictionary(x => x[0], x => int.Parse(x[1], CultureInfo.InvariantCulture), StringComparer.Ordinal),
    };
}
