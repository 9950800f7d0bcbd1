using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>Which dead letters an address or a form is about: those selected, or all that match.</summary>
internal sealed class Choice(IReadOnlyList<string> keys, LetterQuery query, bool isSelected)
{
    const string Selected = "selected";
    const string Matching = "matching";

    public LetterQuery Query => query;

    public bool IsSelected => isSelected;

    public IReadOnlyList<(string Name, string? Value)> Fields =>
        [("what", isSelected ? Selected : Matching), .. query.Pairs, .. keys.Select(x => ("key", (string?)x))];

    public static Choice Read(Asked asked)
    {
        var isSelected = asked.Text("what", 20) switch
        {
            Selected => true,
            Matching => false,
            _ => throw new BadQueryException($"'what' is {Selected} or {Matching}."),
        };
        var keys = isSelected ? asked.All("key", DeadMessagesPage.Size) : [];
        return isSelected && keys.Count == 0
            ? throw new BadQueryException("Nothing is selected.")
            : new Choice(keys, LetterQuery.Read(asked), isSelected);
    }

    public string Describe() => isSelected ? "selected" : query.Describe();

    /// <summary>
    /// Finds what is meant. An operation carries conditions and no code, so it cannot ask what a user sees: who does not see the whole
    /// queue gets the keys of those that they see, and nothing else is touched.
    /// </summary>
    /// <exception cref="MissingException">There is none of them.</exception>
    public async Task<Meant> FindAsync(OpsRequest request, string queue)
    {
        var letters = request.Board.DeadLetters;
        if (isSelected)
        {
            var found = await request.AskAsync(x => Task.WhenAll(keys.Select(key => letters.GetAsync(queue, key, x))))
                .ConfigureAwait(false);
            return OfKeys(found.OfType<RedisDeadLetter>().Where(request.Viewer.Sees), Seen.Whole, "None of them is there any more.");
        }

        if (request.Viewer.SeesWhole(queue))
            return new Meant(query.ToSelection(), Seen.Whole);

        var page = await request.CountAsync(x =>
            letters.ListAsync(queue, query.ToFilter(request.Viewer.Predicate), RedisSelection.MaxKeys, null, x)).ConfigureAwait(false);
        return OfKeys(page.Entries, page.Next is null ? Seen.Part : Seen.FirstOfPart, "No dead letter matches now.");
    }

    static Meant OfKeys(IEnumerable<RedisDeadLetter> letters, Seen seen, string otherwise)
    {
        string[] keys = [.. letters.Select(x => x.Key)];
        return keys.Length > 0 ? new Meant(RedisSelection.Of(keys), seen) : throw new MissingException(otherwise);
    }
}

/// <summary>The dead letters that are meant.</summary>
internal sealed class Meant(RedisSelection selection, Seen seen)
{
    public RedisSelection Selection => selection;

    public Seen Seen => seen;
}

/// <summary>How much of what matches the user sees.</summary>
internal enum Seen
{
    /// <summary>All of it.</summary>
    Whole,

    /// <summary>A part, and that is included.</summary>
    Part,

    /// <summary>A part that is larger than what one operation takes, so that only its beginning is included.</summary>
    FirstOfPart,
}
