using System.Security.Cryptography;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Finds the errors of a declared signature when the application starts.</summary>
internal static class HmacDeclaration
{
    /// <exception cref="ArgumentException">The options contradict each other, or could be read in more than one way.</exception>
    public static SignedTemplate Check(WebhookHmacOptions options)
    {
        var template = new SignedTemplate(options.SignedContent, options.IdLength, options.BodyHashParameter is not null);
        foreach (var problem in Problems(options, template))
            throw new ArgumentException($"WebhookHmacOptions.{problem}");
        return template;
    }

    public static HashAlgorithmName AlgorithmOf(WebhookHash hash) => hash switch
    {
        WebhookHash.Sha1 => HashAlgorithmName.SHA1,
        WebhookHash.Sha256 => HashAlgorithmName.SHA256,
        _ => HashAlgorithmName.SHA512,
    };

    /// <summary>The length of a code in bytes.</summary>
    public static int LengthOf(WebhookHash hash) => hash switch
    {
        WebhookHash.Sha1 => SHA1.HashSizeInBytes,
        WebhookHash.Sha256 => SHA256.HashSizeInBytes,
        _ => SHA512.HashSizeInBytes,
    };

    static IEnumerable<string> Problems(WebhookHmacOptions options, SignedTemplate template)
    {
        if (string.IsNullOrWhiteSpace(options.Header) || options.OtherHeaders.Any(string.IsNullOrWhiteSpace))
            yield return "Header is empty: name the header that carries the signature.";
        if (!Enum.IsDefined(options.Hash))
            yield return $"Hash is {options.Hash}: use Sha256 or Sha512, or Sha1 where the sender has nothing better.";
        if (!Enum.IsDefined(options.Encoding))
            yield return $"Encoding is {options.Encoding}: use Hex or Base64.";
        if (!Enum.IsDefined(options.TimestampFormat))
            yield return $"TimestampFormat is {options.TimestampFormat}: use UnixSeconds, UnixMilliseconds or Iso8601.";
        if (!Enum.IsDefined(options.SecretEncoding))
            yield return $"SecretEncoding is {options.SecretEncoding}: use Text, Base64 or Hex.";
        if (options is { Hash: WebhookHash.Sha1, AllowSha1: false })
        {
            yield return "Hash is Sha1: use Sha256 if the sender offers it. Where it has nothing better, set AllowSha1.";
        }

        if (options.Separator is { } separator && (separator.Length == 0 || separator.Contains('=', StringComparison.Ordinal)))
            yield return $"Separator is '{separator}': give the text between the parts of the header, such as a comma.";
        if (options is { TimestampPrefix: not null, Separator: null })
            yield return "TimestampPrefix marks a part of the header: give what stands between the parts in Separator.";
        if (options is { TimestampPrefix: { } mark, Prefix: var prefix } && (mark.Length == 0 || mark == prefix || prefix.Length == 0))
            yield return $"TimestampPrefix is '{mark}' and Prefix '{prefix}': both must be there, and differ, to tell the parts apart.";
        if (options is { TimestampPrefix: not null, TimestampHeader: not null })
            yield return "TimestampHeader and TimestampPrefix are both set: the time is in one place.";
        if (template.UsesTimestamp != (options.TimestampHeader ?? options.TimestampPrefix) is not null)
        {
            // Anyone could change an unsigned timestamp to one inside the window.
            yield return "TimestampHeader (or TimestampPrefix) and {timestamp} in SignedContent belong together: give both, or neither.";
        }

        if (template.UsesId && options.IdHeader is null)
            yield return "SignedContent contains {id}: name its header in IdHeader.";
        if (options is { IdHeader: not null, IdProperty: not null })
            yield return "IdHeader and IdProperty are both set: the id is in one place.";
        if (options is { EventTypeHeader: not null, EventTypeProperty: not null })
            yield return "EventTypeHeader and EventTypeProperty are both set: the event type is in one place.";
    }
}
