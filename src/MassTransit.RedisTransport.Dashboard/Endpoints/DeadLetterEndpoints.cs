using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Payloads;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>The pages of dead letters.</summary>
internal static class DeadLetterEndpoints
{
    public static async Task<Answer> QueuesAsync(OpsRequest request)
    {
        var all = await request.AskAsync(_ => request.Board.Catalog.AllAsync()).ConfigureAwait(false);
        return Answer.Of(new DeadPage([.. all.Where(x => x.IsDeadLetterQueue && request.Viewer.Sees(x.Name))]));
    }

    /// <remarks>Groups are counted over the whole queue: who does not see all of a shared one gets its letters instead.</remarks>
    public static async Task<Answer> GroupsAsync(OpsRequest request)
    {
        var queue = request.Queue;
        if (!request.Viewer.SeesWhole(queue))
            return await ListAsync(request).ConfigureAwait(false);
        var groups = await request.AskAsync(x => request.Board.DeadLetters.ListGroupsAsync(queue, x)).ConfigureAwait(false);
        return Answer.Of(new GroupsPage(queue, groups));
    }

    public static async Task<Answer> ListAsync(OpsRequest request)
    {
        var queue = request.Queue;
        var query = LetterQuery.Read(request.Query);
        var after = request.Query.Text("after");
        var letters = await request.AskAsync(x =>
            request.Board.DeadLetters.ListAsync(queue, query.ToFilter(request.Viewer.Predicate), DeadMessagesPage.Size, after, x))
                .ConfigureAwait(false);
        return Answer.Of(new DeadMessagesPage(queue, query, after, letters));
    }

    public static async Task<Answer> ShowAsync(OpsRequest request)
    {
        var letter = await FindAsync(request).ConfigureAwait(false);
        var settings = request.Board.Settings;
        if (request.Viewer.Can(Right.ViewPayload))
            await Audited.ViewAsync(request, letter.Queue, letter.Key).ConfigureAwait(false);
        var payload = request.Viewer.Can(Right.ViewPayload)
            ? Payload.Read(BodyOf(letter, settings), letter.ContentType, settings.IsSecretHeader) : null;
        return Answer.Of(new DeadLetterPage(letter, TraceLink.Of(settings.TraceUrl, letter.TraceId), payload, settings.IsSecretHeader));
    }

    public static async Task<Answer> BodyAsync(OpsRequest request)
    {
        var letter = await FindAsync(request).ConfigureAwait(false);
        await Audited.ViewAsync(request, letter.Queue, letter.Key).ConfigureAwait(false);
        return Answer.Download(BodyOf(letter, request.Board.Settings));
    }

    /// <exception cref="MissingException">It is gone, or of a queue that the user does not see.</exception>
    public static async Task<RedisDeadLetter> FindAsync(OpsRequest request)
    {
        var (queue, key) = (request.Queue, request.Key);
        var letter = await request.AskAsync(x => request.Board.DeadLetters.GetAsync(queue, key, x)).ConfigureAwait(false);
        return letter is not null && request.Viewer.Sees(letter)
            ? letter
            : throw new MissingException("There is no such dead letter: it was replayed or purged meanwhile, or never was.");
    }

    static ReadOnlyMemory<byte> BodyOf(RedisDeadLetter letter, BoardSettings settings) =>
        settings.RedactBody is { } redact ? redact(letter.Body, letter.ContentType) : letter.Body;
}
