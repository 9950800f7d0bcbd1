using System.Text;

namespace MassTransit.RedisTransport.Dashboard.Markup;

/// <summary>
/// The addresses of all pages, as the browser sees them: the public path or what the request came with (<c>PathBase</c> and the place
/// that the dashboard is mapped to), then the page.
/// </summary>
/// <param name="root">It begins with a slash, or is empty; it does not end with one.</param>
internal sealed class Links(string root)
{
    public Link Home => Link.Local(root.Length == 0 ? "/" : root);

    public Link Queues => At("queues");

    public Link Dead => At("dead");

    public Link Workers => At("workers");

    public Link Operations => At("operations");

    public Link Trash => At("trash");

    public Link TrashOf(string queue, params (string Name, string? Value)[] query) => At($"trash/{Segment(queue)}", query);

    public Link Audit => At("audit");

    public Link About => At("about");

    public Link Events(IEnumerable<string> queues, IEnumerable<string> operations) =>
        At("events", [.. queues.Select(x => ("q", (string?)x)), .. operations.Select(x => ("o", (string?)x))]);

    public Link Asset(string name, string hash) => At($"assets/{hash}/{name}");

    public Link QueueList(string? name, string? state, int page) =>
        At("queues", ("name", name), ("state", state), ("page", page > 1 ? Number(page) : null));

    public Link Queue(string queue, params (string Name, string? Value)[] query) => At($"queues/{Segment(queue)}", query);

    public Link QueueAct(string queue, string act) => At($"queues/{Segment(queue)}/{act}");

    public Link Messages(string queue, string state, int offset = 0) =>
        At($"queues/{Segment(queue)}/messages", ("state", state), ("offset", offset > 0 ? Number(offset) : null));

    public Link DeadQueue(string queue, params (string Name, string? Value)[] query) => At($"dead/{Segment(queue)}", query);

    public Link Note(string queue, string group) => At($"dead/{Segment(queue)}/groups/{Segment(group)}/note");

    public Link DeadMessages(string queue, params (string Name, string? Value)[] query) => At($"dead/{Segment(queue)}/messages", query);

    public Link DeadAct(string queue, string act, params (string Name, string? Value)[] query) => At($"dead/{Segment(queue)}/{act}", query);

    public Link DeadLetter(string queue, string key) => At($"dead/{Segment(queue)}/messages/{Segment(key)}");

    /// <param name="queue">The dead-letter queue.</param>
    /// <param name="key">The dead letter.</param>
    /// <param name="part">A constant of the code.</param>
    public Link DeadLetterPart(string queue, string key, string part) => At($"dead/{Segment(queue)}/messages/{Segment(key)}/{part}");

    public Link Restore(string queue) => At($"trash/{Segment(queue)}/restore");

    public Link Operation(string id, params (string Name, string? Value)[] query) => At($"operations/{Segment(id)}", query);

    /// <summary>Changes an operation. Those that replay and those that purge ask for different rights.</summary>
    public Link OperationAct(string id, bool isPurge, string act) => At($"{(isPurge ? "purges" : "replays")}/{Segment(id)}/{act}");

    public Link At(string page, params (string Name, string? Value)[] query)
    {
        var address = new StringBuilder(root).Append('/').Append(page);
        var separator = '?';
        foreach (var (name, value) in query)
        {
            if (string.IsNullOrEmpty(value))
                continue;
            address.Append(separator).Append(name).Append('=').Append(Segment(value));
            separator = '&';
        }

        return Link.Local(address.ToString());
    }

    /// <summary>Half a surrogate pair cannot be escaped: it is replaced, as everywhere in UTF-8.</summary>
    static string Segment(string value) => Uri.EscapeDataString(value);

    static string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
