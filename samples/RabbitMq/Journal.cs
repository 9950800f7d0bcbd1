using System.Collections.Concurrent;

namespace RabbitMq;

/// <summary>Remembers by id what became of each webhook of this run.</summary>
sealed class Journal
{
    readonly ConcurrentDictionary<string, byte> _processed = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, (string Why, string? TraceId)> _dead = new(StringComparer.Ordinal);

    /// <summary>Begins every id of this run: what an earlier one has left behind is not counted.</summary>
    public string Run { get; } = Guid.NewGuid().ToString("N")[..8];

    public int Processed => _processed.Count;

    /// <summary>Why each was given up, and the trace that it is in, if it is traced.</summary>
    public IReadOnlyDictionary<string, (string Why, string? TraceId)> DeadLetters => _dead;

    public void Process(string id)
    {
        if (id.StartsWith(Run, StringComparison.Ordinal))
            _processed.TryAdd(id, 0);
    }

    public void DeadLetter(string id, string why, string? traceId)
    {
        if (id.StartsWith(Run, StringComparison.Ordinal))
            _dead.TryAdd(id, (why, traceId));
    }
}
