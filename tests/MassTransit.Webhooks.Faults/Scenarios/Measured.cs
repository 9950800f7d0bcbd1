using MassTransit.Webhooks.Faults.Report;

namespace MassTransit.Webhooks.Faults.Scenarios;

/// <summary>One row of a scenario: what goes wrong with the measuring itself is told as what it is, and the suite goes on.</summary>
internal static class Measured
{
    public static async Task<Row> RowAsync(Row row, Func<Row, Task<Row>> measure)
    {
        Progress.Say($"  {row.Fault}{(row.Setting.Length > 0 ? $", {row.Setting}" : "")}");
        try
        {
            return await measure(row);
        }
        catch (NotOnThisMachineException exception)
        {
            Progress.Say($"  LEFT OUT: {exception.Message}");
            return row with { LeftOut = exception.Message };
        }
        catch (Exception exception)
        {
            Progress.Say($"  {exception}");
            return row with { Violations = [$"{exception.GetType().Name}: {exception.Message}"] };
        }
    }

    /// <summary>Names that no other run has.</summary>
    public static string Prefix() => $"faults-{NewId.NextGuid():N}";

    public static async Task StartAsync(TestServer server)
    {
        await server.StartAsync();
        if (!server.IsAvailable)
            throw new NotOnThisMachineException(server.Reason);
        if (server.IsExternal)
            throw new NotOnThisMachineException($"{server.Name} is given from outside, and may not be killed");
    }
}

/// <summary>The machine lacks what the fault needs.</summary>
internal sealed class NotOnThisMachineException(string message) : Exception(message);
