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

    public static void Map(RouteGroupBuilder group, Board board)
    {
        var routes = new Routes(group, board);
        routes.Get("", Right.View, OverviewEndpoints.NowAsync);
        routes.Get("workers", Right.View, OverviewEndpoints.WorkersAsync);
        routes.Get("operations", Right.View, OverviewEndpoints.OperationsAsync);
        routes.Get("audit", Right.View, OverviewEndpoints.AuditAsync);
        routes.Get("queues", Right.View, QueueEndpoints.ListAsync);
        routes.Get("queues/{queue}", Right.View, QueueEndpoints.ShowAsync);
        routes.Get("queues/{queue}/messages", Right.View, QueueEndpoints.MessagesAsync);
        routes.Get("queues/{queue}/purge", Right.Destroy, QueueEndpoints.ConfirmPurgeAsync);
        routes.Post("queues/{queue}/purge", Right.Destroy, QueueEndpoints.PurgeAsync);
        routes.Post("queues/{queue}/pause", Right.Operate, ControlActions.PauseAsync);
        routes.Post("queues/{queue}/resume", Right.Operate, ControlActions.ResumeAsync);
        routes.Post("queues/{queue}/limit", Right.Operate, ControlActions.LimitAsync);
        routes.Post("queues/{queue}/rate", Right.Operate, ControlActions.RateAsync);
        routes.Post("queues/{queue}/workers", Right.Operate, ControlActions.WorkersAsync);
        routes.Post("queues/{queue}/reset", Right.Operate, ControlActions.ResetAsync);
        routes.Get("queues/{queue}/delete", Right.Destroy, QueueEndpoints.ConfirmDeleteAsync);
        routes.Post("queues/{queue}/delete", Right.Destroy, QueueEndpoints.DeleteAsync);
        routes.Get("dead", Right.View, DeadLetterEndpoints.QueuesAsync);
        routes.Get("dead/{queue}", Right.View, DeadLetterEndpoints.GroupsAsync);
        routes.Get("dead/{queue}/messages", Right.View, DeadLetterEndpoints.ListAsync);
        routes.Get("dead/{queue}/messages/{key}", Right.View, DeadLetterEndpoints.ShowAsync);
        routes.Get("dead/{queue}/messages/{key}/body", Right.ViewPayload, DeadLetterEndpoints.BodyAsync);
        routes.Get("dead/{queue}/replay", Right.Operate, DeadLetterActions.ConfirmReplayAsync);
        routes.Post("dead/{queue}/replay", Right.Operate, DeadLetterActions.ReplayAsync);
        routes.Get("dead/{queue}/purge", Right.Destroy, DeadLetterActions.ConfirmPurgeAsync);
        routes.Post("dead/{queue}/purge", Right.Destroy, DeadLetterActions.PurgeAsync);
        routes.Get("about", Right.View, x => Task.FromResult(Answer.Of(new AboutPage(x.Viewer, x.Board.Rules.IsReadOnly))));
        routes.Get("events", Right.View, LiveEndpoint.StreamAsync);
        routes.Get("assets/{hash}/{name}", Right.View, AssetEndpoint.ReadAsync);
        routes.Rest();
    }

    void Get(string pattern, Right right, Func<OpsRequest, Task<Answer>> handler) => Add(pattern, Reads, right, handler);

    void Post(string pattern, Right right, Func<OpsRequest, Task<Answer>> handler) => Add(pattern, Writes, right, handler);

    /// <summary>What has no page: the answer has the headers of all others.</summary>
    void Rest() => Configure(group.Map("{**rest}", new Gate(board, 1, Right.View, NothingAsync).InvokeAsync), Right.View, "rest");

    static Task<Answer> NothingAsync(OpsRequest request) => throw new MissingException("There is no such page.");

    void Add(string pattern, string[] methods, Right right, Func<OpsRequest, Task<Answer>> handler)
    {
        var gate = new Gate(board, RoutePatternFactory.Parse(pattern).PathSegments.Count, right, handler);
        Configure(group.MapMethods(pattern, methods, gate.InvokeAsync), right, pattern);
    }

    static void Configure(IEndpointConventionBuilder endpoint, Right right, string pattern) =>
        endpoint.WithMetadata(new RequiredRight(right)).WithDisplayName($"Redis dashboard: {pattern}");
}
