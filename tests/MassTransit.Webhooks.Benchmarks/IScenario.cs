namespace MassTransit.Webhooks.Benchmarks;

/// <summary>Something that is measured.</summary>
internal interface IScenario
{
    string Name { get; }

    string Description { get; }

    Task<IReadOnlyList<Measurement>> RunAsync(Servers servers);
}

/// <summary>One figure of a scenario.</summary>
/// <param name="Subject">What was measured.</param>
/// <param name="Setting">Under which setting.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Peer">What it compares with in the same run: value divided by the peer's.</param>
internal sealed record Measurement(string Subject, string Setting, double Value, string Unit, string? Peer = null);
