using System.Globalization;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.Broker.Queues;

/// <summary>The figures of a queue at the first beat of a minute, and what has happened since the entry before.</summary>
/// <param name="Minute">The minute, counted from 2024-01-01.</param>
/// <param name="Values">
/// Ready, delayed, leased, dead letters, age of the next message (s), and, since the entry before: sent, completed, moved, reclaimed.
/// </param>
internal readonly record struct MinuteFigures(long Minute, long[] Values)
{
    public const int Milliseconds = 60_000;

    public const int Count = 9;

    public DateTimeOffset Time => MessageKey.Epoch.AddMinutes(Minute);

    /// <summary>
    /// Reads an hour as <c>beat.lua</c> writes it: <c>hour;minute,figures;,figures;</c>. Zeros are left out, and so is a minute that
    /// follows the one before. What cannot be read is passed over.
    /// </summary>
    public static IEnumerable<MinuteFigures> Read(string text)
    {
        var parts = text.Split(';');
        if (!TryParse(parts[0], out var hour) || hour > 100_000_000)
            yield break;

        long? before = null;
        // Nothing stands behind the last semicolon.
        foreach (var part in parts.Length > 2 ? parts[1..^1] : [])
        {
            var fields = part.Split(',');
            before = fields[0].Length == 0 ? before + 1 : TryParse(fields[0], out var written) ? written : null;
            if (before is not <= 59)
                before = null;
            if (before is not { } minute)
                continue;

            var values = new long[Count];
            for (var i = 0; i < Count; i++)
            {
                if (i + 1 < fields.Length && TryParse(fields[i + 1], out var value))
                    values[i] = value;
            }

            yield return new MinuteFigures(hour * 60 + minute, values);
        }
    }

    static bool TryParse(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
