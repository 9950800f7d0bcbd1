using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Reads headers that matter for a signature. A header that occurs twice is not trusted.</summary>
internal static class HeaderReader
{
    public enum Found
    {
        One,
        None,
        Unusable
    }

    public static Found Read(IHeaderDictionary headers, string name, out string value)
    {
        value = "";
        if (!headers.TryGetValue(name, out var values) || values.Count == 0)
            return Found.None;
        // With two values an intermediary could have checked one and this receiver the other.
        if (values.Count > 1)
            return Found.Unusable;
        value = values[0] ?? "";
        return value.Length == 0 ? Found.None : Found.One;
    }

    /// <summary>The header's value if there is exactly one, else <c>null</c>.</summary>
    public static string? ReadOptional(IHeaderDictionary headers, string? name) =>
        name is not null && Read(headers, name, out var value) == Found.One ? value : null;
}
