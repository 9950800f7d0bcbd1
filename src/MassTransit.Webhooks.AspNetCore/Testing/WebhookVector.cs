namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// A request that a sender has signed, for <see cref="WebhookSchemeKit"/>: one that it has published in its documentation, made with its
/// own library, or sent once.
/// </summary>
public sealed class WebhookVector
{
    /// <summary>
    /// The request, with body, secrets, and a time inside the window. The headers that prove the sender hold nothing that the scheme does
    /// not read, such as codes of other versions, because changing those is no matter.
    /// </summary>
    public required WebhookRequest Request { get; init; }

    /// <summary>The id that the request states. Default <c>null</c>: it states none.</summary>
    public string? Id { get; init; }

    /// <summary>The event type that the request states. Default: empty.</summary>
    public string EventType { get; init; } = "";

    /// <summary>Whether the signature covers the id. Default: <c>false</c>.</summary>
    public bool IsIdSigned { get; init; }

    /// <summary>Whether the signature covers the event type. Default: <c>false</c>.</summary>
    public bool IsEventTypeSigned { get; init; }

    /// <summary>Whether the signature covers the body. Default: <c>true</c>; <c>false</c> for tokens.</summary>
    public bool IsBodySigned { get; init; } = true;

    /// <summary>Whether the signature covers the address. Default: <c>false</c>.</summary>
    public bool IsAddressSigned { get; init; }
}

/// <summary>A scheme that has failed in <see cref="WebhookSchemeKit"/>.</summary>
public sealed class WebhookSchemeException : Exception
{
    internal WebhookSchemeException(string scheme, IReadOnlyList<string> failures)
        : base(string.Join($"{Environment.NewLine}- ", [$"{scheme} failed in {failures.Count} of what was tried:", .. failures])) =>
        Failures = failures;

    /// <summary>What went wrong, a sentence each.</summary>
    public IReadOnlyList<string> Failures { get; }
}
