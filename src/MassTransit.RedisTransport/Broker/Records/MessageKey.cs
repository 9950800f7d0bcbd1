using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace MassTransit.RedisTransport.Broker.Records;

/// <summary>
/// The key of a message, as the scripts build it: 2 hex digits of priority, 13 of its place (µs of the server's clock since 2024-01-01), 5
/// of a counter for messages due at the same instant, 2 of how many messages share the record beyond the first.
/// </summary>
internal readonly record struct MessageKey(byte Priority, long Place, int Counter)
{
    public const int Length = 22;

    /// <summary>The number in the key, which is one less than the messages of the record.</summary>
    readonly byte _further;

    /// <summary>The step of priority of a queue without aging, as in <c>Scripts/_queue.lua</c>.</summary>
    public const long StrictStep = 1L << 45;

    /// <summary>The longest delay. A place can represent times until the year 2166, and a longer delay means never.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(36_500);

    /// <summary>An offset that keeps sequence numbers positive, because no score is below −255 × 2^45.</summary>
    const long ScoreOffset = 1L << 53;

    public static readonly DateTimeOffset Epoch = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The last time that can be represented, ms since <see cref="Epoch"/>.</summary>
    static readonly long LastMillisecond = (long)(DateTimeOffset.MaxValue - Epoch).TotalMilliseconds - 1;

    /// <summary>How many messages the record holds. Counts and leases use this number.</summary>
    public int MessageCount
    {
        get => 1 + _further;
        init => _further = (byte)(value - 1);
    }

    /// <summary>When the message became available, by the server's clock.</summary>
    public DateTimeOffset Time => Epoch.AddTicks(Place * TimeSpan.TicksPerMicrosecond);

    /// <summary>
    /// Converts a stored time, ms since <see cref="Epoch"/>. One that cannot be represented, because another program has written it,
    /// becomes the nearest that can.
    /// </summary>
    public static DateTimeOffset TimeOf(long milliseconds) => Epoch.AddMilliseconds(Math.Clamp(milliseconds, 0, LastMillisecond));

    public long PlaceMilliseconds => Place / 1000;

    /// <summary>Returns a number that orders messages as the queue does. Lower ones come first.</summary>
    public ulong SequenceNumber(TimeSpan? aging) => (ulong)(Place - Priority * Step(aging) + ScoreOffset);

    public static long Step(TimeSpan? aging) => aging is { } step ? step.Ticks / TimeSpan.TicksPerMicrosecond : StrictStep;

    /// <summary>How many messages the record of a key holds; 1 if the text is no key.</summary>
    public static int MessageCountOf(string key) => TryParse(Encoding.ASCII.GetBytes(key), out var parsed) ? parsed.MessageCount : 1;

    public static bool TryParse(ReadOnlySpan<byte> text, out MessageKey key)
    {
        key = default;
        if (text.Length < Length
            || !Utf8Parser.TryParse(text[..2], out byte priority, out var used, 'x') || used != 2
            || !Utf8Parser.TryParse(text[2..15], out long place, out used, 'x') || used != 13
            || !Utf8Parser.TryParse(text[15..20], out int counter, out used, 'x') || used != 5
            || !Utf8Parser.TryParse(text[20..Length], out byte further, out used, 'x') || used != 2)
            return false;

        key = new MessageKey(priority, place, counter) { MessageCount = 1 + further };
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Priority:x2}{Place:x13}{Counter:x5}{_further:x2}");
}
