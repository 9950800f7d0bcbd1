using System.Globalization;

namespace MassTransit.RedisTransport.Tool.Output;

/// <summary>Durations as people write them: <c>90s</c>, <c>30m</c>, <c>1h30m</c>, <c>7d</c>.</summary>
static class Durations
{
    static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty)
            return false;
        while (!rest.IsEmpty)
        {
            var digits = 0;
            while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
                digits++;
            if (digits is 0 or > 9)
                return false;
            var number = long.Parse(rest[..digits], CultureInfo.InvariantCulture);
            rest = rest[digits..];
            var unit = Array.FindIndex(Units, Begins(rest));
            if (unit < 0)
                return false;
            // The longest possible sum is far below what a duration can hold, except for days.
            if (number > 36_500 && Units[unit].Unit == "d")
                return false;
            duration += number * Units[unit].Length;
            rest = rest[Units[unit].Unit.Length..];
        }

        return true;
    }

    public static TimeSpan Parse(string text) => TryParse(text, out var duration)
        ? duration : throw new FormatException($"'{text}' is no duration: write 90s, 30m, 1h30m or 7d.");

    /// <summary>The two largest units.</summary>
    public static string Show(TimeSpan duration)
    {
        var sign = duration < TimeSpan.Zero ? "-" : "";
        duration = duration.Duration();
        return sign + duration switch
        {
            { TotalDays: >= 1 } => $"{(int)duration.TotalDays}d{duration.Hours}h",
            { TotalHours: >= 1 } => $"{duration.Hours}h{duration.Minutes}m",
            { TotalMinutes: >= 1 } => $"{duration.Minutes}m{duration.Seconds}s",
            { TotalSeconds: >= 10 } => $"{duration.Seconds}s",
            { TotalSeconds: >= 1 } => $"{duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)}s",
            _ => $"{duration.Milliseconds}ms",
        };
    }

    static Predicate<(string Unit, TimeSpan Length)> Begins(ReadOnlySpan<char> rest)
    {
        var text = rest.Length > 2 ? rest[..2].ToString() : rest.ToString();
        return x => text.StartsWith(x.Unit, StringComparison.Ordinal);
    }
}
