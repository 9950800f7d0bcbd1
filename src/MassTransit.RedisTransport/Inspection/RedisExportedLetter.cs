using System.Text;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit;

/// <summary>A dead letter outside of its queue, with all that it takes to put it back.</summary>
public sealed class RedisExportedLetter
{
    /// <param name="key">Its <see cref="RedisDeadLetter.Key"/>.</param>
    /// <param name="record">Its <see cref="RedisDeadLetter.Record"/>.</param>
    /// <exception cref="ArgumentException">The key is none that a message can have, or the record is empty.</exception>
    public RedisExportedLetter(string key, ReadOnlyMemory<byte> record)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!MessageKey.TryParse(Encoding.UTF8.GetBytes(key), out var parsed) || parsed.ToString() != key)
            throw new ArgumentException($"A key is the {MessageKey.Length} characters that RedisDeadLetter.Key has.", nameof(key));
        if (record.IsEmpty)
            throw new ArgumentException("The record is empty: RedisDeadLetter.Record has its bytes.", nameof(record));
        Key = key;
        Record = record;
        DeadSince = parsed.Time;
    }

    /// <summary>The key of the message within its queue, which holds its priority and its place.</summary>
    public string Key { get; }

    /// <summary>The whole stored record.</summary>
    public ReadOnlyMemory<byte> Record { get; }

    /// <summary>When it died, by the clock of the server that it was exported from.</summary>
    public DateTimeOffset DeadSince { get; }
}

/// <summary>How far an import is.</summary>
/// <param name="Letters">How many of the given dead letters were handled, the first ones.</param>
/// <param name="Imported">How many of them were put in.</param>
/// <param name="Present">How many of them were there already.</param>
public sealed record RedisImportProgress(long Letters, long Imported, long Present);

/// <summary>Dead letters that have come in a short time.</summary>
public sealed class RedisNewDeadLetters
{
    internal RedisNewDeadLetters()
    {
    }

    /// <summary>The newest of them, in the order in which they came.</summary>
    public required IReadOnlyList<RedisDeadLetter> Entries { get; init; }

    /// <summary>How many more have come and still lie there, and were not read.</summary>
    public long Skipped { get; init; }

    /// <summary>What the next call takes, to go on behind these.</summary>
    public required string Next { get; init; }
}
