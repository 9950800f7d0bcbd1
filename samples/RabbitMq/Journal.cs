using System.Collections.Concurrent;

namespace RabbitMq;

/// <summary>Remembers by id what became of each webhook of this run.</summary>
sealed class Journal
{
    readonly ConcurrentDictionary<string, byte> _processed = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, string> _dead = new(StringComparer.Ordinal);

    /// <summary>Begins every id of this run: what an earlier one has left behind is not counted.</summary>
    public string Run { get; } = Guid.NewGuid().ToString("N")[..8];

    public int Processed => _processed.Count;

    public IReadOnlyDictionary<string, string> DeadLetters => _dead;

    public void Process(string id)
    {
        if (id.StartsWith(Run, StringComparison.Ordinal))
            _processed.TryAdd(id, 0);
    }

    public void DeadLetter(string id, string why)
    {
        if (id.StartsWith(Run, StringComparison.Ordinal))
            _dead.TryAdd(id, why);
    }
}
