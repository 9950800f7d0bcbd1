namespace Quickstart;

/// <summary>What a shop tells about an order. Urgent ones are sent with a priority.</summary>
public record OrderPlaced
{
    public int Number { get; init; }

    public int Priority { get; init; }
}

/// <summary>A payment whose provider is down: it fails every time.</summary>
public record PaymentRequested
{
    public string Reference { get; init; } = "";
}
