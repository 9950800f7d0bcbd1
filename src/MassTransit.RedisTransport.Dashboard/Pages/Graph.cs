using System.Globalization;
using System.Text;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The history of a queue as a line, and in words for who does not see it.</summary>
internal static class Graph
{
    const int Height = 100;

    /// <summary>A small line in a table.</summary>
    public static Fragment Spark(IReadOnlyList<RedisQueueMinute> minutes, TimeSpan back, DateTimeOffset now) => html =>
    {
        if (minutes.Count < 2)
        {
            html.Write($"–");
            return;
        }

        var width = (int)back.TotalMinutes;
        html.Write($"""
            <svg class="spark" viewBox="0 0 {width} {Height}" preserveAspectRatio="none" role="img"
            aria-label="{Words("Ready", minutes, x => x.Ready)}">
            <path d="{Path(minutes, back, now, x => x.Ready, Most(minutes, x => x.Ready))}"/></svg>
            """);
    };

    /// <summary>A day of a queue: what was ready, and its dead letters.</summary>
    public static void Write(Html html, IReadOnlyList<RedisQueueMinute> minutes, TimeSpan back, DateTimeOffset now)
    {
        if (minutes.Count < 2)
        {
            html.Write($"""<p class="empty">There is no history yet: receivers keep it, a figure a minute.</p>""");
            return;
        }

        var words = $"{Words("Ready", minutes, x => x.Ready)}. {Words("Dead letters", minutes, x => x.DeadLetters)}.";
        var most = Math.Max(Most(minutes, x => x.Ready), Most(minutes, x => x.DeadLetters));
        html.Write($"""
            <svg class="graph" viewBox="0 0 {(int)back.TotalMinutes} {Height}" preserveAspectRatio="none" role="img" aria-label="{words}">
            <path d="{Path(minutes, back, now, x => x.Ready, most)}"/>
            <path class="second" d="{Path(minutes, back, now, x => x.DeadLetters, most)}"/></svg>
            <p class="sub">Whole line: {Words("ready", minutes, x => x.Ready)}. Broken line:
            {Words("dead letters", minutes, x => x.DeadLetters)}. The top is {Formats.Count(most)}.</p>
            """);
    }

    static long Most(IReadOnlyList<RedisQueueMinute> minutes, Func<RedisQueueMinute, long> value) => Math.Max(1, minutes.Max(value));

    static string Words(string name, IReadOnlyList<RedisQueueMinute> minutes, Func<RedisQueueMinute, long> value) =>
        $"{name} from {Formats.Count(minutes.Min(value))} to {Formats.Count(minutes.Max(value))}, last {Formats.Count(value(minutes[^1]))}";

    /// <summary>A minute without figures is a gap: nobody received then.</summary>
    static string Path(IReadOnlyList<RedisQueueMinute> minutes, TimeSpan back, DateTimeOffset now, Func<RedisQueueMinute, long> value,
        long most)
    {
        var path = new StringBuilder(minutes.Count * 8);
        var last = -2;
        foreach (var minute in minutes)
        {
            var at = (int)(back - (now - minute.Minute)).TotalMinutes;
            var height = Height - (long)Math.Round((double)Height * value(minute) / most);
            path.Append(CultureInfo.InvariantCulture, $"{(at > last + 2 || last < 0 ? 'M' : 'L')}{at} {height}");
            last = at;
        }

        return path.ToString();
    }
}
