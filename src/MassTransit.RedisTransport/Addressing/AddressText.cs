namespace MassTransit.RedisTransport.Addressing;

/// <summary>Reads an address as it was written, because a parsed URI has already removed its dot segments.</summary>
internal static class AddressText
{
    /// <summary>
    /// Returns the address for logs and exceptions, without user, password and query. The query is removed because it may hold a password
    /// too.
    /// </summary>
    public static string Redacted(Uri address)
    {
        var text = address.OriginalString;
        // Does not use the URI's own user part, which is missing if the password contains a slash or the address has no slashes.
        var end = text.LastIndexOf('@');
        if (end >= 0)
        {
            var scheme = text.IndexOf(':', StringComparison.Ordinal);
            text = $"{(scheme > 0 && scheme < end ? text[..scheme] : "redis")}://{text[(end + 1)..]}";
        }

        var query = text.AsSpan().IndexOfAny('?', '#');
        return query < 0 ? text : text[..query];
    }

    /// <summary>
    /// True if a part of the path is <c>.</c> or <c>..</c>, escaped or not. A URI would resolve such an address to another path.
    /// </summary>
    public static bool HasDotSegment(Uri address)
    {
        var text = address.OriginalString.AsSpan();
        var end = text.IndexOfAny('?', '#');
        if (end >= 0)
            text = text[..end];
        if (!text.Contains('.') && !text.Contains("%2e", StringComparison.OrdinalIgnoreCase))
            return false;

        text = text[(text.IndexOf(':') + 1)..];
        if (text.StartsWith("//", StringComparison.Ordinal))
        {
            // The name of the server is not part of the path.
            var path = text[2..].IndexOf('/');
            if (path < 0)
                return false;
            text = text[(path + 2)..];
        }

        foreach (var range in text.Split('/'))
        {
            if (Uri.UnescapeDataString(text[range]) is "." or "..")
                return true;
        }

        return false;
    }

    /// <summary>
    /// Returns the parameters of the query in their order. Names are in lower case and values are unchanged; a value is <c>null</c> if
    /// there is no equals sign.
    /// </summary>
    public static IEnumerable<(string Name, string? Value)> Parameters(Uri address)
    {
        // Most have none.
        if (address.Query.Length <= 1)
            yield break;

        foreach (var parameter in address.Query[1..].Split('&'))
        {
            var parts = parameter.Split('=');
            yield return (parts[0].ToLowerInvariant(), parts.Length > 1 ? parts[1] : null);
        }
    }
}
