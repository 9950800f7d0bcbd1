namespace MassTransit.RedisTransport.Broker.Topics;

/// <summary>
/// What this process has seen in topics. A server may come back with older data (a restart from a snapshot, a replica that
/// lagged), and must not make a sender forget a queue: what was there stays until somebody has taken it out and left a mark.
/// </summary>
internal sealed class KnownTopics
{
    /// <summary>Marks are few; should they not be, those the server has are enough.</summary>
    const int MaxMarks = 1_000;

    readonly Lock _gate = new();
    readonly Dictionary<string, Known> _topics = new(StringComparer.Ordinal);

    /// <summary>Takes in what the server has.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="read">Its members, foreign ones excepted.</param>
    /// <param name="keepTemporary">Queues that delete themselves stay too, as they do where something else was lost.</param>
    /// <returns>All that the topic leads to, and what of it the server has lost.</returns>
    public (List<string> Members, List<string> Lost) Merge(string topic, IReadOnlyCollection<string> read, bool keepTemporary)
    {
        lock (_gate)
        {
            var marks = read.Where(x => TopicMember.Parse(x).Kind == TopicMemberKind.Left).ToList();
            var members = read.Except(marks).ToList();
            var lost = new List<string>();
            if (!_topics.TryGetValue(topic, out var known))
            {
                if (members.Count == 0)
                    return (members, lost);
                _topics[topic] = known = new Known();
            }

            var present = members.ToHashSet(StringComparer.Ordinal);
            foreach (var member in known.Members.Where(x => !present.Contains(x)))
            {
                var (kind, name) = TopicMember.Parse(member);
                if (kind == TopicMemberKind.Topic
                    || (kind == TopicMemberKind.Queue && !marks.Exists(x => TopicMember.Parse(x).Name == name && !known.Marks.Contains(x))))
                    lost.Add(member);
            }

            if (keepTemporary || lost.Count > 0)
                members.AddRange(known.Members.Where(x => !present.Contains(x) && TopicMember.Parse(x).Kind == TopicMemberKind.Temporary));
            members.AddRange(lost);
            known.Members = [.. members];
            // Those of before too: older data has older marks, and they say nothing about what was subscribed after them.
            if (known.Marks.Count > MaxMarks)
                known.Marks.Clear();
            known.Marks.UnionWith(marks);
            if (known.Members.Count == 0)
                _topics.Remove(topic);
            return (members, lost);
        }
    }

    /// <summary>Somebody of this process has taken it out.</summary>
    public void Forget(string topic, string member)
    {
        lock (_gate)
        {
            if (_topics.TryGetValue(topic, out var known) && known.Members.Remove(member) && known.Members.Count == 0)
                _topics.Remove(topic);
        }
    }

    /// <summary>The topics that lead to it directly.</summary>
    public string[] TopicsOf(string member)
    {
        lock (_gate)
            return [.. _topics.Where(x => x.Value.Members.Contains(member)).Select(x => x.Key)];
    }

    sealed class Known
    {
        public HashSet<string> Members { get; set; } = new(StringComparer.Ordinal);

        public HashSet<string> Marks { get; } = new(StringComparer.Ordinal);
    }
}
