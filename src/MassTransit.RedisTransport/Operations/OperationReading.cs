using System.Globalization;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Operations;

/// <summary>Converts operations between what is stored and what users see.</summary>
internal static class OperationReading
{
    public static RedisOperation Read(StoredOperation operation) => new()
    {
        Id = operation.Id,
        Kind = operation.Kind == "purge" ? RedisOperationKind.Purge : RedisOperationKind.Replay,
        Queue = OperationId.QueueOf(operation.Id),
        Selection = operation["text"],
        Group = operation.Text("group"),
        // A state that only a later version knows is one in which that version goes on.
        State = StateOf(operation) ?? RedisOperationState.Running,
        Because = operation.Text("because"),
        Total = operation.Number("total"),
        Looked = operation.Number("looked") ?? 0,
        Done = operation.Done,
        Missing = operation.Number("missing") ?? 0,
        FailedAgain = operation.Number("failed") ?? 0,
        InTrash = operation.Number("trashed") ?? 0,
        Rate = (int?)operation.Number("rate"),
        Canary = (int)(operation.Number("canary") ?? 0),
        Brake = (int?)operation.Number("brake"),
        By = operation["by"],
        Reason = operation.Text("reason"),
        StartedAt = MessageKey.TimeOf(operation.Started),
        UpdatedAt = MessageKey.TimeOf(operation.Number("updated") ?? operation.Started),
        Owner = operation.Text("name"),
        TakenOver = (int)(operation.Number("taken") ?? 0),
    };

    /// <summary>The state of an operation, which is stored by its name; <c>null</c> if only a later version knows it.</summary>
    public static RedisOperationState? StateOf(StoredOperation operation) =>
        Enum.TryParse<RedisOperationState>(operation.State, out var state) ? state : null;

    public static Dictionary<string, string> Write(RedisReplay request, RedisActor by) =>
        new(Common("replay", request.Selection, request.Rate, by), StringComparer.Ordinal)
        {
            ["canary"] = Text(request.Canary),
            ["look"] = Text((long)request.Look.TotalMilliseconds),
            ["brake"] = Text(request.Brake),
            ["least"] = Text(request.BrakeAfter),
            ["most"] = Text(request.MaxReady),
        };

    public static Dictionary<string, string> Write(RedisPurge request, RedisActor by) =>
        new(Common("purge", request.Selection, request.Rate, by), StringComparer.Ordinal) { ["trash"] = request.ToTrash ? "1" : "0" };

    /// <summary>Says how the script finds the number of messages that an operation is about.</summary>
    public static string TotalOf(RedisSelection selection) => selection switch
    {
        { IsAll: true } => "all",
        { Keys: { } keys } => Text(keys.Sum(MessageKey.MessageCountOf)),
        { Filter: { } filter } when filter.Group is { } group && OperationSource.IsGroupAlone(filter) => "group:" + group,
        _ => "",
    };

    public static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    static Dictionary<string, string> Common(string kind, RedisSelection selection, int? rate, RedisActor by) =>
        new(StringComparer.Ordinal)
        {
            ["kind"] = kind,
            ["selection"] = SelectionText.Write(selection),
            ["text"] = selection.ToString(),
            ["group"] = selection.Filter?.Group ?? "",
            ["rate"] = Text(rate),
            ["by"] = by.User,
            ["reason"] = by.Reason ?? "",
        };
}
