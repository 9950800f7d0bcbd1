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
        var facets = FacetsAsync(request, queue);
        var groups = await request.AskAsync(x => request.Board.DeadLetters.ListGroupsAsync(queue, x)).ConfigureAwait(false);
        return Answer.Of(new GroupsPage(queue, groups, await facets.ConfigureAwait(false)));
    }

    public static async Task<Answer> ListAsync(OpsRequest request)
    {
        var queue = request.Queue;
        var query = LetterQuery.Read(request.Query);
        var after = request.Query.Text("after");
        var page = await request.AskAsync(x => request.Board.DeadLetters.ListAsync(queue, query.ToFilter(request.Viewer.Predicate),
            DeadMessagesPage.Size, after, x)).ConfigureAwait(false);
        Described[] letters = [.. page.Entries.Select(request.Board.Describers.Describe)];
        // Counted once, for the beginning of the list. What a filter has found is not looked for twice.
        var facets = after is not null ? null
            : query.IsAll ? await FacetsAsync(request, queue).ConfigureAwait(false) : FacetCounts.Of(letters, page.Next is null);
        return Answer.Of(new DeadMessagesPage(queue, query, after, page, letters, facets));
    }

    /// <summary>Counts the values of the first dead letters; <c>null</c> if nobody knows any kind of message.</summary>
    static async Task<FacetCounts?> FacetsAsync(OpsRequest request, string queue)
    {
        if (!request.Board.Describers.Any)
            return null;
        var page = await request.AskAsync(x => request.Board.DeadLetters.ListAsync(queue,
            LetterQuery.All.ToFilter(request.Viewer.Predicate), FacetCounts.MaxLooked, null, x)).ConfigureAwait(false);
        return FacetCounts.Of([.. page.Entries.Select(request.Board.Describers.Describe)], page.Next is null);
    }

    public static async Task<Answer> ShowAsync(OpsRequest request)
    {
        var described = request.Board.Describers.Describe(await FindAsync(request).ConfigureAwait(false));
        var (letter, settings) = (described.Letter, request.Board.Settings);
        var trace = TraceLink.Of(settings.TraceUrl, letter.TraceId);
        if (!request.Viewer.Can(Right.ViewPayload))
            return Answer.Of(new DeadLetterPage(described, trace, null, null, settings.IsSecretHeader));
        await Audited.ViewAsync(request, letter.Queue, letter.Key).ConfigureAwait(false);
        var body = settings.Redact(described.Body, described.ContentType);
        return Answer.Of(new DeadLetterPage(described, trace, Payload.Read(body, described.ContentType, settings.IsSecretHeader),
            CurlLine.Of(described, body, settings.IsSecretHeader), settings.IsSecretHeader));
    }

    public static async Task<Answer> BodyAsync(OpsRequest request)
    {
        var described = request.Board.Describers.Describe(await FindAsync(request).ConfigureAwait(false));
        await Audited.ViewAsync(request, described.Letter.Queue, described.Letter.Key).ConfigureAwait(false);
        return Answer.Download(request.Board.Settings.Redact(described.Body, described.ContentType));
    }

    /// <exception cref="MissingException">It is gone, or of a queue that the user does not see.</exception>
    public static async Task<RedisDeadLetter> FindAsync(OpsRequest request)
    {
        var (queue, key) = (request.Queue, request.Key);
        var letter = await request.AskAsync(x => request.Board.DeadLetters.GetAsync(queue, key, x)).ConfigureAwait(false);
        return letter is not null && request.Viewer.Sees(letter) ? letter : throw NoLetter();
    }

    /// <summary>The same words for a dead letter that is not there and for one that the user does not see.</summary>
    public static MissingException NoLetter() =>
        new("There is no such dead letter: it was replayed or purged meanwhile, or never was.");
}
