using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Inspection;

namespace MassTransit;

/// <summary>Selects dead letters that meet all conditions that are set. Without any condition it selects all.</summary>
public sealed class RedisDeadLetterFilter
{
    /// <summary>
    /// The <see cref="RedisFailureGroup.Id"/> of a failure group. Messages of other groups are passed over without being read, so a call
    /// looks at 100,000 of them instead of 10,000. Messages that are not grouped yet are in no group. Default: any.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>The exception's type, by its full name or the last part of it, without regard to case. Default: any.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>A part of the fault's message, without regard to case. Default: any.</summary>
    public string? FaultMessage { get; init; }

    /// <summary>
    /// The message's type: its URN, its full name (<c>Shop:Paid</c> or <c>Shop.Paid</c>) or its name alone. Default: any.
    /// </summary>
    public string? MessageType { get; init; }

    /// <summary>
    /// Selects messages that have been in the dead-letter queue for at least this long, by the server's clock. Default: any.
    /// </summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>
    /// Selects messages that have been in the dead-letter queue for at most this long, by the server's clock. Default: any.
    /// </summary>
    public TimeSpan? YoungerThan { get; init; }

    /// <summary>Headers and the values they must have, compared as text, exactly. Default: any.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>
    /// Properties of the message itself and the values they must have, for messages as JSON: <c>receiver</c> = <c>github</c> of a webhook.
    /// A name is compared without regard to case, a value as text, exactly. Only properties of the message's first level are looked at.
    /// Default: any.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }

    /// <summary>
    /// A text that occurs in the message, in a header or in its body, also where the body holds it as Base64 (as that of a webhook),
    /// exactly. The server looks for it, and only messages that hold it are read, so a call looks at 100,000 of them instead of 10,000.
    /// Default: any.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>The forms of <see cref="Text"/>, made once for all dead letters that are looked at.</summary>
    internal List<SearchForm> TextForms => field ??= RecordSearch.FormsOf(Text ?? "");

    /// <summary>What the server looks for; <c>null</c> if every message must be read.</summary>
    internal Needle? Needle => Text is null ? null : field ??= RecordSearch.NeedleOf(Text, TextForms);

    /// <summary>
    /// A test of the caller, which is run last. If it throws, the call ends with that exception, and earlier steps stay done. Default:
    /// none.
    /// </summary>
    public Func<RedisDeadLetter, bool>? Predicate { get; init; }
}

/// <summary>A page of the dead letters of a queue.</summary>
public sealed class RedisDeadLetterPage
{
    internal RedisDeadLetterPage()
    {
    }

    /// <summary>
    /// The dead letters, the most urgent first, then the oldest. There may be fewer than the limit, or none, even if <see cref="Next"/> is
    /// set.
    /// </summary>
    public required IReadOnlyList<RedisDeadLetter> Entries { get; init; }

    /// <summary>The cursor for the next page; <c>null</c> if there are no more.</summary>
    public string? Next { get; init; }

    /// <summary>
    /// How many messages were looked at up to the end of this page, with those of the pages before, of <see cref="Queued"/>. The cursor
    /// carries it on. It is more than <see cref="Queued"/> if messages have left the queue meanwhile.
    /// </summary>
    public long Looked { get; init; }

    /// <summary>How many messages wait in the queue now.</summary>
    public long Queued { get; init; }
}
