using System.Globalization;
using MassTransit.RedisTransport.Tool.Outcomes;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary>Limits and rates as people write them.</summary>
static class Numbers
{
    /// <summary>A number, with or without <c>/s</c>; <c>null</c> for <c>none</c>.</summary>
    /// <exception cref="ToolException">It is neither.</exception>
    public static int? ParseOrNone(string text)
    {
        if (text == "none")
            return null;
        var digits = text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : throw ToolException.Usage($"'{text}' is no number: write 100, or 'none'.");
    }
}
