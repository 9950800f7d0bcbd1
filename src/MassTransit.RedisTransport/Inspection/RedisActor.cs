using MassTransit.RedisTransport.Inspection;

namespace MassTransit;

/// <summary>Who changes something in a queue, and why. Both are shown to other operators.</summary>
/// <param name="User">
/// A name that other operators recognize, 1 to 200 characters: a login, or <c>deploy</c>. It is not checked against anything.
/// </param>
/// <param name="Reason">Why, up to 500 characters. Default: <c>null</c>, no reason was given.</param>
/// <exception cref="ArgumentException">A text is empty or too long.</exception>
public sealed record RedisActor(string User, string? Reason = null)
{
    readonly string _user = Required(User);
    readonly string? _reason = Bounded(Reason, RedisAuditEntry.MaxReason, nameof(Reason));
    readonly string? _address;
    readonly string? _traceId;

    /// <summary>A name that other operators recognize, 1 to 200 characters. It is not checked against anything.</summary>
    /// <exception cref="ArgumentException">The text is empty or too long.</exception>
    public string User
    {
        get => _user;
        init => _user = Required(value);
    }

    /// <summary>Why, up to 500 characters; <c>null</c> if no reason was given.</summary>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public string? Reason
    {
        get => _reason;
        init => _reason = Bounded(value, RedisAuditEntry.MaxReason, nameof(Reason));
    }

    /// <summary>
    /// Whether the user has proven to be that one, as by a login. Default: false, as for a command line, which only says who runs it.
    /// </summary>
    public bool IsProven { get; init; }

    /// <summary>
    /// Where the user's request came from, up to 200 characters: an IP address, or a host. Default: <c>null</c>, unknown.
    /// </summary>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public string? Address
    {
        get => _address;
        init => _address = Bounded(value, RedisAuditEntry.MaxUser, nameof(Address));
    }

    /// <summary>The trace of the user's request, up to 64 characters. Default: <c>null</c>, none.</summary>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public string? TraceId
    {
        get => _traceId;
        init => _traceId = Bounded(value, AuditText.MaxTrace, nameof(TraceId));
    }

    static string Required(string User) => string.IsNullOrWhiteSpace(User)
        ? throw new ArgumentException("User is empty: say who does it, so that others know whom to ask.", nameof(User))
        : Bounded(User, RedisAuditEntry.MaxUser, nameof(User))!;

    static string? Bounded(string? text, int most, string name) => text?.Length > most
        ? throw new ArgumentException($"{name} has {text.Length} characters: {most} is the most.", name)
        : text;
}
