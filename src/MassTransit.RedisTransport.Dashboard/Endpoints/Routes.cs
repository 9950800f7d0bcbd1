using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>Every address of the dashboard, with the right that it asks for. There is no other way to add one.</summary>
internal sealed class Routes(RouteGroupBuilder group, Board board)
{
    static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];
    static readonly string[] Writes = [HttpMethods.Post];

    /// <summary>What looking at something is called in the audit.</summary>
    const string View = "view";

    public static void Map(RouteGroupBuilder group, Board board)
    {
        var routes = new Routes(group, board);
        routes.Get("", Right.View, OverviewEndpoints.NowAsync);
        routes.Get("workers", Right.View, OverviewEndpoints.WorkersAsync);
        routes.Get("audit", Right.View, OverviewEndpoints.AuditAsync);
        routes.Get("about", Right.View, x => Task.FromResult(Answer.Of(new AboutPage(x.Viewer, x.Board.Rules.IsReadOnly))));
        routes.Get("events", Right.View, LiveEndpoint.StreamAsync);
        routes.Get("assets/{hash}/{name}", Right.View, AssetEndpoint.ReadAsync);
        routes.MapQueues();
        routes.MapDeadLetters();
        routes.MapTrash();
        routes.MapOperations();
        routes.Rest();
    }

    void MapQueues()
    {
        Get("queues", Right.View, QueueEndpoints.ListAsync);
        Get("queues/{queue}", Right.View, QueueEndpoints.ShowAsync);
        Get("queues/{queue}/messages", Right.View, QueueEndpoints.MessagesAsync);
        Get("queues/{queue}/purge", Right.Destroy, QueueEndpoints.ConfirmPurgeAsync, RedisAuditActions.Purge);
        Post("queues/{queue}/purge", Right.Destroy, QueueEndpoints.PurgeAsync, RedisAuditActions.Purge);
        Get("queues/{queue}/delete", Right.Destroy, QueueEndpoints.ConfirmDeleteAsync, RedisAuditActions.Delete);
        Post("queues/{queue}/delete", Right.Destroy, QueueEndpoints.DeleteAsync, RedisAuditActions.Delete);
        Post("queues/{queue}/pause", Right.Operate, ControlActions.PauseAsync, RedisAuditActions.Pause);
        Post("queues/{queue}/resume", Right.Operate, ControlActions.ResumeAsync, RedisAuditActions.Resume);
        Post("queues/{queue}/limit", Right.Operate, ControlActions.LimitAsync, RedisAuditActions.Limit);
        Post("queues/{queue}/rate", Right.Operate, ControlActions.RateAsync, RedisAuditActions.Rate);
        Post("queues/{queue}/workers", Right.Operate, ControlActions.WorkersAsync, RedisAuditActions.Workers);
        Post("queues/{queue}/reset", Right.Operate, ControlActions.ResetAsync, RedisAuditActions.Reset);
    }

    void MapDeadLetters()
    {
        Get("dead", Right.View, DeadLetterEndpoints.QueuesAsync);
        Get("dead/{queue}", Right.View, DeadLetterEndpoints.GroupsAsync);
        Get("dead/{queue}/messages", Right.View, DeadLetterEndpoints.ListAsync);
        Get("dead/{queue}/messages/{key}", Right.View, DeadLetterEndpoints.ShowAsync);
        Get("dead/{queue}/messages/{key}/body", Right.ViewPayload, DeadLetterEndpoints.BodyAsync, RedisAuditActions.ViewPayload);
        Get("dead/{queue}/export", Right.ViewPayload, ExportEndpoint.WriteAsync, RedisAuditActions.Export);
        Get("dead/{queue}/groups/{group}/note", Right.Operate, NoteEndpoints.ShowAsync, RedisAuditActions.Note);
        Post("dead/{queue}/groups/{group}/note", Right.Operate, NoteEndpoints.WriteAsync, RedisAuditActions.Note);
        // It shows the body, whatever the right to edit is given for.
        Right[] edit = [Right.Edit, Right.ViewPayload];
        Add("dead/{queue}/messages/{key}/edit", Reads, edit, RedisAuditActions.Edit, EditEndpoints.ShowAsync);
        Add("dead/{queue}/messages/{key}/edit", Writes, edit, RedisAuditActions.Edit, EditEndpoints.CompareAsync);
        Add("dead/{queue}/messages/{key}/edit/replay", Writes, edit, RedisAuditActions.Edit, EditEndpoints.ReplayAsync);
        Get("dead/{queue}/replay", Right.Operate, DeadLetterActions.ConfirmReplayAsync, RedisAuditActions.Replay);
        Post("dead/{queue}/replay", Right.Operate, DeadLetterActions.ReplayAsync, RedisAuditActions.Replay);
        Get("dead/{queue}/purge", Right.Destroy, DeadLetterActions.ConfirmPurgeAsync, RedisAuditActions.Purge);
        Post("dead/{queue}/purge", Right.Destroy, DeadLetterActions.PurgeAsync, RedisAuditActions.Purge);
    }

    void MapTrash()
    {
        Get("trash", Right.View, TrashEndpoints.QueuesAsync);
        Get("trash/{queue}", Right.View, TrashEndpoints.ShowAsync);
        // It undoes what somebody has purged, perhaps for good reason: so it asks for the right to purge.
        Post("trash/{queue}/restore", Right.Destroy, TrashEndpoints.RestoreAsync, RedisAuditActions.Restore);
    }

    void MapOperations()
    {
        Get("operations", Right.View, OperationEndpoints.ListAsync);
        Get("operations/{id}", Right.View, OperationEndpoints.ShowAsync);
        foreach (var (kind, place, right) in new[]
        {
            (RedisOperationKind.Replay, "replays/{id}", Right.Operate), (RedisOperationKind.Purge, "purges/{id}", Right.Destroy),
        })
        {
            Post($"{place}/pause", right, x => OperationEndpoints.PauseAsync(x, kind), RedisAuditActions.Pause);
            Post($"{place}/resume", right, x => OperationEndpoints.ResumeAsync(x, kind), RedisAuditActions.Resume);
            Post($"{place}/cancel", right, x => OperationEndpoints.CancelAsync(x, kind), RedisAuditActions.Cancel);
            Post($"{place}/rate", right, x => OperationEndpoints.RateAsync(x, kind), RedisAuditActions.Rate);
        }
    }

    void Get(string pattern, Right right, Func<OpsRequest, Task<Answer>> handler, string action = View) =>
        Add(pattern, Reads, [right], action, handler);

    void Post(string pattern, Right right, Func<OpsRequest, Task<Answer>> handler, string action) =>
        Add(pattern, Writes, [right], action, handler);

    /// <summary>What has no page: the answer has the headers of all others.</summary>
    void Rest() => Configure(group.Map("{**rest}", new Gate(board, 1, [Right.View], View, NothingAsync).InvokeAsync), [Right.View], "rest");

    static Task<Answer> NothingAsync(OpsRequest request) => throw new MissingException("There is no such page.");

    void Add(string pattern, string[] methods, Right[] rights, string action, Func<OpsRequest, Task<Answer>> handler)
    {
        var gate = new Gate(board, RoutePatternFactory.Parse(pattern).PathSegments.Count, rights, action, handler);
        Configure(group.MapMethods(pattern, methods, gate.InvokeAsync), rights, pattern);
    }

    static void Configure(IEndpointConventionBuilder endpoint, Right[] rights, string pattern) =>
        endpoint.WithMetadata([.. rights.Select(x => new RequiredRight(x))]).WithDisplayName($"Redis dashboard: {pattern}");
}
