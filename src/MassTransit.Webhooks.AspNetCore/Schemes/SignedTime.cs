using System.Globalization;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Reads signed times strictly: each moment has only few texts, so that nothing can hide in one.</summary>
internal static class SignedTime
{
    const int SecondDigits = 10;
    const int MillisecondDigits = 13;

    /// <summary>The point and the digits of a second that .NET reads.</summary>
    const int MostFraction = 8;

    /// <summary>The point and the nine digits of nanoseconds.</summary>
    const int LongestFraction = 10;

    const int WholeSeconds = 19;

    /// <param name="text">The text as the sender has written it.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="isTight">Whether its length must say where it ends: all digits that such a time has, or a <c>Z</c>.</param>
    /// <param name="time">The moment; one that .NET has no form for is the nearest that it has.</param>
    public static bool TryParse(string text, WebhookTimestampFormat format, bool isTight, out DateTimeOffset time)
    {
        time = default;
        return format switch
        {
            WebhookTimestampFormat.UnixSeconds => TryParseUnix(text, isTight ? SecondDigits : null, 1000, out time),
            WebhookTimestampFormat.UnixMilliseconds => TryParseUnix(text, isTight ? MillisecondDigits : null, 1, out time),
            _ => TryParseIso(text, isTight, out time),
        };
    }

    /// <summary>Whether a time is inside the window, edges included. Whole seconds are compared as such.</summary>
    public static bool IsWithin(DateTimeOffset time, DateTimeOffset now, TimeSpan tolerance, WebhookTimestampFormat format) =>
        format == WebhookTimestampFormat.UnixSeconds
            ? Math.Abs(now.ToUnixTimeSeconds() - time.ToUnixTimeSeconds()) <= (long)tolerance.TotalSeconds
            : (now - time).Duration() <= tolerance;

    /// <summary>Only digits: no sign, no space, no fraction.</summary>
    static bool TryParseUnix(string text, int? digits, long unit, out DateTimeOffset time)
    {
        time = default;
        if ((digits is not null && text.Length != digits)
            || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        var latest = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() / unit;
        time = DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(number, latest) * unit);
        return true;
    }

    static bool TryParseIso(string text, bool isTight, out DateTimeOffset time)
    {
        time = default;
        if (text.Length <= WholeSeconds)
            return false;
        var zone = text.AsSpan(WholeSeconds).IndexOfAny('Z', '+', '-') + WholeSeconds;
        if (zone < WholeSeconds || (isTight && zone != text.Length - 1))
            return false;

        var fraction = text.AsSpan(WholeSeconds, zone - WholeSeconds);
        if (!fraction.IsEmpty
            && (fraction[0] != '.' || fraction.Length is < 2 or > LongestFraction || fraction[1..].ContainsAnyExceptInRange('0', '9')))
            return false;
        var read = string.Concat(text.AsSpan(0, WholeSeconds), fraction[..Math.Min(fraction.Length, MostFraction)], text.AsSpan(zone));
        return DateTimeOffset.TryParseExact(read, "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out time);
    }
}
