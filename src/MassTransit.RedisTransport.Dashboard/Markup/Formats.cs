using System.Globalization;

namespace MassTransit.RedisTransport.Dashboard.Markup;

/// <summary>How numbers and times are written, here and in what live figures send.</summary>
internal static class Formats
{
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Plural(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => Plural(bytes, "byte", "bytes"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0 / 1024.0:0.#} MiB"),
    };

    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Duration(TimeSpan time) => time switch
    {
        _ when time < TimeSpan.Zero => "now",
        { TotalSeconds: < 60 } => $"{(int)time.TotalSeconds} s",
        { TotalMinutes: < 60 } => $"{(int)time.TotalMinutes} min",
        { TotalHours: < 48 } => $"{(int)time.TotalHours} h",
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0} days"),
    };

    /// <summary>The time itself, and how long ago or ahead it is.</summary>
    public static Fragment When(DateTimeOffset? time, DateTimeOffset now) => html =>
    {
        if (time is not { } at)
        {
            html.Write($"–");
            return;
        }

        var ago = now - at;
        var relative = ago >= TimeSpan.Zero ? $"{Duration(ago)} ago" : $"in {Duration(-ago)}";
        var exact = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        html.Write($"""<time datetime="{exact}">{Time(at)}</time> <small>({relative})</small>""");
    };
}
