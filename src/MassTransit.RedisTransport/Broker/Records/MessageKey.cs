using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace MassTransit.RedisTransport.Broker.Records;

/// <summary>
/// A message's key as the scripts build it: 2 hex digits of priority, 13 of its place (µs of the server's clock since
/// 2024-01-01), 5 of a counter for messages due at the same instant, 2 of how many messages share the record beyond the first.
/// </summary>
internal readonly record struct MessageKey(byte Priority, long Place, int Counter)
{
    public const int Length = 22;

    /// <summary>As the key has it: one message less than the record holds.</summary>
    readonly byte _further;

    /// <summary>What <c>Scripts/_queue.lua</c> takes for a step of priority in a queue that does not age.</summary>
    public const long StrictStep = 1L << 45;

    /// <summary>A place has room until the year 2166; who delays for longer means never.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(36_500);

    /// <summary>Keeps the sequence number positive: no score is below −255 × 2^45.</summary>
    const long ScoreOffset = 1L << 53;

    public static readonly DateTimeOffset Epoch = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How many messages the record holds: counted, and leased, as what they are.</summary>
    public int MessageCount
    {
        get => 1 + _further;
        init => _further = (byte)(value - 1);
    }

    /// <summary>When the message became available, by the server's clock.</summary>
    public DateTimeOffset Time => Epoch.AddTicks(Place * TimeSpan.TicksPerMicrosecond);

    public long PlaceMilliseconds => Place / 1000;

    /// <summary>Orders messages as the queue does: the lower, the sooner.</summary>
    public ulong SequenceNumber(TimeSpan? aging) => (ulong)(Place - Priority * Step(aging) + ScoreOffset);

    public static long Step(TimeSpan? aging) => aging is { } step ? step.Ticks / TimeSpan.TicksPerMicrosecond : StrictStep;

    /// <summary>How many messages the record of a key holds; one where it is no key.</summary>
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
