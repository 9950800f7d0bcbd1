namespace MassTransit.RedisTransport.Broker.Topics;

/// <summary>
/// Remembers which members of topics this process has seen. A server may come back with older data (a restart from a snapshot, a replica
/// that lagged), and a sender must not lose a queue by that. So a known member stays until it is removed on purpose, which leaves a mark.
/// </summary>
internal sealed class KnownTopics
{
    /// <summary>How many marks are kept. There are few of them; if there are more, only those on the server are used.</summary>
    const int MaxMarks = 1_000;

    readonly Lock _gate = new();
    readonly Dictionary<string, Known> _topics = new(StringComparer.Ordinal);

    /// <summary>Merges the members that the server has.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="read">Its members on the server, without foreign ones.</param>
    /// <param name="keepTemporary">True to keep queues that delete themselves too. They are also kept if something else was lost.</param>
    /// <returns>All members of the topic, and those that the server has lost.</returns>
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
            // Earlier marks are kept too. Older data has older marks, and those say nothing about later subscriptions.
            if (known.Marks.Count > MaxMarks)
                known.Marks.Clear();
            known.Marks.UnionWith(marks);
            if (known.Members.Count == 0)
                _topics.Remove(topic);
            return (members, lost);
        }
    }

    /// <summary>Drops a member that this process has removed.</summary>
    public void Forget(string topic, string member)
    {
        lock (_gate)
        {
            if (_topics.TryGetValue(topic, out var known) && known.Members.Remove(member) && known.Members.Count == 0)
                _topics.Remove(topic);
        }
    }

    /// <summary>The topics with this member.</summary>
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
