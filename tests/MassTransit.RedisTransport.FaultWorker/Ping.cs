namespace MassTransit.RedisTransport.FaultWorker;

/// <summary>What the fault tests send: counted by its id.</summary>
public sealed record Ping
{
    public int Id { get; init; }

    /// <summary>Makes the message as large as a test needs it.</summary>
    public string? Padding { get; init; }
}
