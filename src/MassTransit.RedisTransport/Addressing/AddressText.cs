namespace MassTransit.RedisTransport.Addressing;

/// <summary>An address as somebody wrote it, before it was read as a URI: that has collapsed its dots already.</summary>
internal static class AddressText
{
    /// <summary>What a log or an exception may show: neither a user nor a password, wherever they stand, and no query, which may hold one too.</summary>
    public static string Redacted(Uri address)
    {
        var text = address.OriginalString;
        // Not the URI's own idea of a user: a password with a slash in it, or an address without slashes, has none.
        var end = text.LastIndexOf('@');
        if (end >= 0)
        {
            var scheme = text.IndexOf(':', StringComparison.Ordinal);
            text = $"{(scheme > 0 && scheme < end ? text[..scheme] : "redis")}://{text[(end + 1)..]}";
        }

        var query = text.AsSpan().IndexOfAny('?', '#');
        return query < 0 ? text : text[..query];
    }

    /// <summary>True where a part of the path is <c>.</c> or <c>..</c>, escaped or not: as a URI the address leads to another place.</summary>
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
            // The name of a server is no part of the path.
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
}
