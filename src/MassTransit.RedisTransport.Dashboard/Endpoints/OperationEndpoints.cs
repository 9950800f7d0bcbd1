using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;
using Microsoft.AspNetCore.Routing;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>Bulk operations: the list, one of them, and what changes it.</summary>
internal static class OperationEndpoints
{
    public static async Task<Answer> ListAsync(OpsRequest request)
    {
        var operations = await request.AskAsync(_ => request.Board.AllOperations.GetAsync()).ConfigureAwait(false);
        return Answer.Of(new OperationsPage([.. operations.Where(request.Sees)]));
    }

    public static async Task<Answer> ShowAsync(OpsRequest request) =>
        Answer.Of(new OperationPage(await FindAsync(request).ConfigureAwait(false)));

    public static Task<Answer> PauseAsync(OpsRequest request, RedisOperationKind kind) => ActAsync(request, kind, (form, id, by, x) =>
        request.Board.Operations.PauseAsync(id, by, x));

    public static Task<Answer> ResumeAsync(OpsRequest request, RedisOperationKind kind) => ActAsync(request, kind, (form, id, by, x) =>
        request.Board.Operations.ResumeAsync(id, by, x));

    public static Task<Answer> CancelAsync(OpsRequest request, RedisOperationKind kind) => ActAsync(request, kind, (form, id, by, x) =>
        request.Board.Operations.CancelAsync(id, by, x));

    public static Task<Answer> RateAsync(OpsRequest request, RedisOperationKind kind) => ActAsync(request, kind, (form, id, by, x) =>
        request.Board.Operations.SetRateAsync(id, form.NumberOrNone("rate", null, 1, RedisReplay.MaxRate), by, x));

    static async Task<Answer> ActAsync(OpsRequest request, RedisOperationKind kind,
        Func<Asked, string, RedisActor, CancellationToken, Task<RedisOperation?>> act)
    {
        var form = await request.ReadFormAsync().ConfigureAwait(false);
        var operation = await FindAsync(request).ConfigureAwait(false);
        // The address says which right was asked for.
        if (operation.Kind != kind)
            throw None();
        var changed = await request.Board.ActAsync(x => act(form, operation.Id, request.ActorOf(form), x)).ConfigureAwait(false);
        request.Board.AllOperations.Forget();
        return Answer.SeeOther(request.Links.Operation(operation.Id), new { Operation = changed ?? throw None() });
    }

    /// <exception cref="MissingException">There is none of that id, or it is about dead letters that the user does not see.</exception>
    static async Task<RedisOperation> FindAsync(OpsRequest request)
    {
        var id = request.Http.GetRouteValue("id") as string ?? "";
        var operation = await request.AskAsync(x => request.Board.Operations.GetAsync(id, x)).ConfigureAwait(false);
        return operation is not null && request.Sees(operation) ? operation : throw None();
    }

    static MissingException None() => new("There is no such operation. Those that have ended are kept for 30 days.");
}
