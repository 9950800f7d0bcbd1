using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>Pause, resume, limit, rate, workers.</summary>
internal static class ControlActions
{
    const int MaxValue = 1_000_000;

    public static Task<Answer> PauseAsync(OpsRequest request) => ActAsync(request, Notice.Paused, (form, queue, by, x) =>
        request.Board.Queues.PauseAsync(queue, by, form.Duration("for"), x));

    public static Task<Answer> ResumeAsync(OpsRequest request) => ActAsync(request, Notice.Resumed, (_, queue, by, x) =>
        request.Board.Queues.ResumeAsync(queue, by, x));

    public static Task<Answer> LimitAsync(OpsRequest request) => ActAsync(request, Notice.Changed, (form, queue, by, x) =>
        request.Board.Queues.SetLimitAsync(queue, Value(form), by, x));

    public static Task<Answer> RateAsync(OpsRequest request) => ActAsync(request, Notice.Changed, (form, queue, by, x) =>
        request.Board.Queues.SetRateAsync(queue, Value(form), by, x));

    public static Task<Answer> WorkersAsync(OpsRequest request) => ActAsync(request, Notice.Changed, (form, queue, by, x) =>
        request.Board.Queues.SetWorkersAsync(queue, Value(form), by, x));

    public static Task<Answer> ResetAsync(OpsRequest request) => ActAsync(request, Notice.Changed, (_, queue, by, x) =>
        request.Board.Queues.ResetControlAsync(queue, by, x));

    static async Task<Answer> ActAsync(OpsRequest request, string said,
        Func<Asked, string, RedisActor, CancellationToken, Task<RedisQueueControl>> act)
    {
        var queue = request.Queue;
        var form = await request.ReadFormAsync().ConfigureAwait(false);
        var by = request.ActorOf(form);
        var before = await request.Board.ActAsync(x => act(form, queue, by, x)).ConfigureAwait(false);
        request.Board.Catalog.Forget();
        return Answer.SeeOther(request.Links.Queue(queue, Notice.Say(said, 1)), new { Queue = queue, Before = before });
    }

    /// <summary>Empty: none.</summary>
    static int? Value(Asked form) => form.NumberOrNone("value", null, 1, MaxValue);
}
