namespace MassTransit.RedisTransport.BrokerTests.Properties;

/// <summary>What a queue should do, in a few lines: a list of messages, each in one place.</summary>
internal sealed class QueueModel
{
    long _places;

    public List<Entry> Entries { get; } = [];

    public bool IsPaused { get; set; }

    /// <summary>How many may be leased; 0: any number.</summary>
    public int Limit { get; set; }

    /// <summary>How many of so many may be leased now.</summary>
    public int Allowed(int wanted) =>
        IsPaused ? 0 : Limit == 0 ? wanted : Math.Min(wanted, Math.Max(0, Limit - In(Place.Leased).Count()));

    public IEnumerable<Entry> In(Place place) => Entries.Where(x => x.Place == place);

    /// <summary>In the order of delivery.</summary>
    public IEnumerable<Entry> Ready => In(Place.Ready).OrderByDescending(x => x.Priority).ThenBy(x => x.Order);

    public Entry Add(string text, byte priority, Place place)
    {
        // A delayed message takes its place when it falls due, which is after everything that is sent meanwhile.
        var entry = new Entry(text, priority) { Place = place, Order = place == Place.Delayed ? long.MaxValue / 2 + _places++ : _places++ };
        Entries.Add(entry);
        return entry;
    }

    /// <summary>What a lease call does with leases that have ended.</summary>
    public void EndLeases()
    {
        foreach (var entry in In(Place.Leased).Where(x => x.LeaseEnded).ToArray())
        {
            entry.Place = Place.Ready;
            entry.Failures++;
            entry.LeaseEnded = false;
        }
    }

    public void EndDelays()
    {
        foreach (var entry in In(Place.Delayed).ToArray())
            entry.Place = Place.Ready;
    }

    internal enum Place
    {
        Ready,
        Delayed,
        Leased,
        Dead,
        Gone,
    }

    internal sealed class Entry(string text, byte priority)
    {
        public string Text { get; } = text;

        public byte Priority { get; } = priority;

        public Place Place { get; set; }

        public long Order { get; set; }

        public int Failures { get; set; }

        public bool LeaseEnded { get; set; }
    }
}
