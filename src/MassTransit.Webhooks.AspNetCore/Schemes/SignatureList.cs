namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Reads the headers that carry codes: one code each, or a list of parts that begin with the mark of their kind.</summary>
internal sealed class SignatureList(WebhookHmacOptions options)
{
    /// <summary>More than any sender has keys. Each code is compared with each secret's.</summary>
    const int MostCodes = 32;

    readonly string[] _headers = [options.Header, .. options.OtherHeaders];

    /// <summary>Whether hex digits must be small, as known senders write them, so that each code has one text.</summary>
    public bool IsLowerHex { get; init; }

    public IReadOnlyList<string> Headers => _headers;

    /// <param name="request">The request.</param>
    /// <param name="codes">The codes that could be read. With none of the right kind, no secret can be the right one.</param>
    /// <param name="timestamp">The time of sending, if it is in the same header; otherwise empty.</param>
    public WebhookVerdict Read(WebhookRequest request, out List<byte[]> codes, out string timestamp)
    {
        codes = [];
        timestamp = "";
        string? time = null;
        var isThere = false;
        var isWellFormed = false;
        foreach (var name in _headers)
        {
            switch (HeaderReader.Read(request.Headers, name, out var value))
            {
                case HeaderReader.Found.None:
                    continue;
                case HeaderReader.Found.Unusable:
                    return WebhookVerdict.SignatureMalformed;
            }

            isThere = true;
            if (options.Separator is null)
                isWellFormed |= TryAdd(codes, value, isMarked: value.StartsWith(options.Prefix, StringComparison.Ordinal));
            else if (!TryReadList(value, codes, ref time, ref isWellFormed))
                return WebhookVerdict.TimestampMalformed;
        }

        if (!isThere)
            return WebhookVerdict.SignatureMissing;
        timestamp = time ?? "";
        if (options.TimestampPrefix is not null && timestamp.Length == 0 && isWellFormed)
            return WebhookVerdict.TimestampMissing;
        return isWellFormed && codes.Count <= MostCodes ? WebhookVerdict.Accepted : WebhookVerdict.SignatureMalformed;
    }

    /// <returns>False if the time is there twice.</returns>
    bool TryReadList(string value, List<byte[]> codes, ref string? time, ref bool isWellFormed)
    {
        foreach (var range in value.AsSpan().Split(options.Separator))
        {
            var part = value.AsSpan(range).Trim(' ');
            if (options.TimestampPrefix is { } mark && part.StartsWith(mark, StringComparison.Ordinal))
            {
                if (time is not null)
                    return false;
                time = part[mark.Length..].ToString();
            }
            else if (part.StartsWith(options.Prefix, StringComparison.Ordinal))
            {
                isWellFormed |= TryAdd(codes, part, isMarked: true);
            }
            else
            {
                // A part of another version is skipped and well-formed, if it has a mark before its code.
                isWellFormed |= options.Prefix.Length > 0 && part.IndexOf(options.Prefix[^1]) > 0;
            }
        }

        return true;
    }

    bool TryAdd(List<byte[]> codes, ReadOnlySpan<char> part, bool isMarked)
    {
        if (!isMarked)
            return false;
        var text = part[options.Prefix.Length..];
        var code = options.Encoding == WebhookCodeEncoding.Hex
            ? CodeDecoder.DecodeHex(text, anyCase: !IsLowerHex) : CodeDecoder.DecodeBase64(text);
        if (code is null)
            return false;
        codes.Add(code);
        return true;
    }
}
