using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>What a <see cref="WebhookScheme"/> sees of a request.</summary>
public sealed class WebhookRequest
{
    static readonly string[] Nowhere = [];

    IReadOnlyList<string>? _addresses;
    Dictionary<string, StringValues>? _query;

    /// <summary>The method. Default: <c>POST</c>.</summary>
    public string Method { get; init; } = HttpMethods.Post;

    /// <summary>The headers, as they came. A header that comes twice has two values.</summary>
    public IHeaderDictionary Headers { get; init; } = new HeaderDictionary();

    /// <summary>The body, unchanged. Empty in <see cref="WebhookScheme.Precheck"/> and for requests without one.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// The public addresses under which the sender may know the receiver, with their query: those of
    /// <see cref="WebhookReceiverOptions.PublicAddresses"/>, otherwise the address of the request. Senders that sign the address are
    /// checked with each of them. Default: none.
    /// </summary>
    public IReadOnlyList<string> Addresses
    {
        get => _addresses ??= AddressSource?.Invoke() ?? Nowhere;
        init => _addresses = value;
    }

    /// <summary>
    /// Whether <see cref="Addresses"/> come from the configuration alone, so that no sender can choose them. Default: <c>false</c>.
    /// </summary>
    public bool IsAddressFixed { get; init; }

    /// <summary>The query as it came, with its question mark. Default: empty.</summary>
    public string QueryString { get; init; } = "";

    /// <summary>The secrets that are valid now. Empty in <see cref="WebhookScheme.Precheck"/>.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>The texts of <see cref="WebhookReceiverOptions.VerifyTokens"/>.</summary>
    public IReadOnlyList<string> VerifyTokens { get; init; } = [];

    /// <summary>The time of this machine's clock.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>How far a signed time may be from <see cref="Now"/>, limits included. Default: 300 s.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The receiver's name. Default: empty.</summary>
    public string Receiver { get; init; } = "";

    /// <summary>Whose address it was, if one receiver serves several customers. Default: <c>null</c>.</summary>
    public string? Tenant { get; init; }

    internal Func<IReadOnlyList<string>>? AddressSource { get; init; }

    /// <summary>The value of a query parameter, decoded; <c>null</c> if it is not there or comes twice.</summary>
    /// <param name="name">The parameter's name; <c>null</c>: none.</param>
    public string? QueryValue(string? name)
    {
        if (name is null || QueryString.Length == 0)
            return null;
        _query ??= QueryHelpers.ParseQuery(QueryString);
        return _query.TryGetValue(name, out var values) && values.Count == 1 ? values[0] : null;
    }

    /// <summary>The value of a header; <c>null</c> if it is not there, empty, or comes twice.</summary>
    /// <param name="name">The header's name; <c>null</c>: none.</param>
    public string? Header(string? name) => HeaderReader.ReadOptional(Headers, name);
}
