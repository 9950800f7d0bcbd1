namespace MassTransit.Webhooks.Faults.Worker;

/// <summary>The plain message: known by its id.</summary>
public sealed record Note
{
    public string Id { get; init; } = "";

    /// <summary>How long its consumer works, ms; 0: as long as for any other.</summary>
    public int Work { get; init; }

    /// <summary>Its consumer holds its thread meanwhile.</summary>
    public bool Blocks { get; init; }
}
