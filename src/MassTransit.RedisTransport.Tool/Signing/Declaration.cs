using System.CommandLine;
using MassTransit.Webhooks.AspNetCore;

namespace MassTransit.RedisTransport.Tool.Signing;

/// <summary>
/// What <c>--as hmac</c>, <c>token</c> and <c>unsigned</c> are told of the sender, in the words of the receiver's options.
/// </summary>
sealed record Declaration(string? Header, string? Prefix, string? Encoding, string? Hash, string? Signed, string? IdHeader,
    string? TimestampHeader, string? EventHeader)
{
    public static readonly Declaration None = new(null, null, null, null, null, null, null, null);

    public WebhookHmacOptions ToHmac() => new()
    {
        Header = Header ?? "",
        Prefix = Prefix ?? "",
        Encoding = Encoding == "base64" ? WebhookCodeEncoding.Base64 : WebhookCodeEncoding.Hex,
        Hash = Hash == "sha512" ? WebhookHash.Sha512 : WebhookHash.Sha256,
        SignedContent = Signed ?? "{body}",
        IdHeader = IdHeader,
        TimestampHeader = TimestampHeader,
        EventTypeHeader = EventHeader,
    };

    public WebhookTokenOptions ToToken()
    {
        var options = new WebhookTokenOptions { Prefix = Prefix ?? "" };
        options.Header = Header ?? options.Header;
        options.IdHeader = IdHeader ?? options.IdHeader;
        options.EventTypeHeader = EventHeader ?? options.EventTypeHeader;
        return options;
    }
}

/// <summary>The options that declare a sender.</summary>
sealed class DeclarationOptions
{
    readonly Option<string?> _header = new("--header") { Description = "hmac, token: the header with the signature", HelpName = "name" };
    readonly Option<string?> _prefix = new("--code-prefix") { Description = "hmac, token: the text before it: sha256=", HelpName = "text" };
    readonly Option<string?> _encoding = new("--encoding") { Description = "hmac: hex or base64. Default: hex", HelpName = "name" };
    readonly Option<string?> _hash = new("--hash") { Description = "hmac: sha256 or sha512. Default: sha256", HelpName = "name" };

    readonly Option<string?> _signed = new("--signed")
    {
        Description = "hmac: what is signed: {id}.{timestamp}.{body}. Default: {body}",
        HelpName = "template",
    };

    readonly Option<string?> _idHeader = new("--id-header") { Description = "hmac, token: the header with the id", HelpName = "name" };
    readonly Option<string?> _timeHeader = new("--timestamp-header") { Description = "hmac: the header with the time", HelpName = "name" };

    readonly Option<string?> _eventHeader = new("--event-header")
    {
        Description = "hmac, token: the header with the event",
        HelpName = "name",
    };

    public DeclarationOptions()
    {
        _encoding.AcceptOnlyFromAmong("hex", "base64");
        _hash.AcceptOnlyFromAmong("sha256", "sha512");
    }

    public Option[] All => [_header, _prefix, _encoding, _hash, _signed, _idHeader, _timeHeader, _eventHeader];

    public Declaration Read(ParseResult result) => new(result.GetValue(_header), result.GetValue(_prefix), result.GetValue(_encoding),
        result.GetValue(_hash), result.GetValue(_signed), result.GetValue(_idHeader), result.GetValue(_timeHeader),
        result.GetValue(_eventHeader));
}
