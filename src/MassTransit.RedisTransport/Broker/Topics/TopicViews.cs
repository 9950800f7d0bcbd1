using System.Collections.Concurrent;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.Shared;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Topics;

/// <summary>
/// Topics resolved to queues, as senders use them: read anew when somebody announces a change, after a reconnect, and every
/// <see cref="MaxAge"/>. What a topic had led to and leads to no more, without anybody having said so, is written again.
/// </summary>
internal sealed class TopicViews(KeyLayout layout, TopologyChannel channel, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>A lost announcement is made up for within this time.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(30);

    /// <summary>After the server has lost data, queues that delete themselves are kept until their receivers are back.</summary>
    static readonly TimeSpan LossGrace = TimeSpan.FromSeconds(60);

    /// <summary>Topics that lead nowhere are remembered up to this number: addresses out of messages can name any.</summary>
    const int MaxEmpty = 1_000;

    const int MaxWarned = 1_000;

    readonly ConcurrentDictionary<string, View> _views = new(StringComparer.Ordinal);
    readonly HashSet<(string Topic, string Member)> _warned = [];
    readonly KnownTopics _known = new();
    readonly SemaphoreSlim _reading = new(1, 1);
    DateTimeOffset _lostAt = DateTimeOffset.MinValue;

    public void Dispose()
    {
        channel.Dispose();
        _reading.Dispose();
    }

    public bool TryGet(string topic, out TopicDestination[] destinations)
    {
        var fresh = _views.TryGetValue(topic, out var view) && IsFresh(view);
        destinations = fresh ? view!.Destinations : [];
        return fresh;
    }

    public void Invalidate() => channel.Changed();

    public void OnLoss() => _lostAt = time.GetUtcNow();

    public void Forget(string topic, string member) => _known.Forget(topic, member);

    public string[] TopicsOf(string member) => _known.TopicsOf(member);

    /// <param name="database">The server.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="prepare">What comes before the reading, and is not done by all at once either.</param>
    /// <param name="deadline">Until when to wait for a turn: behind a server that hangs, each would wait for all before it.</param>
    /// <param name="cancellationToken">Ends the waiting for a turn.</param>
    public async Task<TopicDestination[]> ReadAsync(IDatabase database, string topic, Func<IDatabase, Task> prepare, Deadline deadline,
        CancellationToken cancellationToken)
    {
        if (!await _reading.WaitAsync(deadline.LeftForStep, cancellationToken).ConfigureAwait(false))
            throw new RedisTransportException($"Redis did not say within {deadline.Budget.TotalSeconds:0.#} s where topic {topic} leads.") { IsTransient = true };

        try
        {
            if (TryGet(topic, out var known))
                return known;

            await prepare(database).ConfigureAwait(false);
            var version = channel.Version;
            var queues = await FollowAsync(database, topic).ConfigureAwait(false);
            TopicDestination[] result = [.. queues.Select(x => new TopicDestination(x.Key, x.Value))];
            if (result.Length == 0 && _views.Count >= MaxEmpty)
                ForgetEmpty();
            _views[topic] = new View(result, version, time.GetUtcNow());
            return result;
        }
        finally
        {
            _reading.Release();
        }
    }

    public static bool IsWrongType(RedisServerException exception) => exception.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal);

    /// <summary>Each queue once, and whether it is temporary: it is not where it is subscribed both ways.</summary>
    async Task<Dictionary<string, bool>> FollowAsync(IDatabase database, string topic)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { topic };
        var queues = new Dictionary<string, bool>(StringComparer.Ordinal);
        var level = new List<(string Topic, string? From)> { (topic, null) };
        while (level.Count > 0)
        {
            var sets = await Task.WhenAll(level.Select(x => ReadMembersAsync(database, x.Topic, x.From))).ConfigureAwait(false);
            var next = new List<(string, string?)>();
            for (var i = 0; i < sets.Length; i++)
            {
                var (members, lost) = _known.Merge(level[i].Topic, sets[i], keepTemporary: time.GetUtcNow() - _lostAt < LossGrace);
                foreach (var member in lost)
                    await WriteAgainAsync(database, level[i].Topic, member).ConfigureAwait(false);
                foreach (var (kind, name) in members.Select(TopicMember.Parse))
                {
                    if (kind == TopicMemberKind.Topic && seen.Add(name))
                        next.Add((name, level[i].Topic));
                    else if (kind == TopicMemberKind.Queue)
                        queues[name] = false;
                    else if (kind == TopicMemberKind.Temporary)
                        queues.TryAdd(name, true);
                }
            }

            level = next;
        }

        return queues;
    }

    /// <summary>The members that a version of the transport wrote. Others are passed over: they must not stop what goes to the rest.</summary>
    async Task<List<string>> ReadMembersAsync(IDatabase database, string topic, string? linkedFrom)
    {
        try
        {
            var members = new List<string>();
            foreach (var member in await database.SetMembersAsync(layout.Topic(topic), CommandFlags.DemandMaster).ConfigureAwait(false))
            {
                var text = member.ToString();
                if (TopicMember.Parse(text).Kind == TopicMemberKind.Foreign)
                    WarnOfForeign(topic, text);
                else
                    members.Add(text);
            }

            return members;
        }
        catch (RedisServerException exception) when (linkedFrom is not null && IsWrongType(exception))
        {
            // The topic that is published to itself is refused: its message would go nowhere.
            WarnOfForeign(linkedFrom, TopicMember.Topic(topic));
            return [];
        }
    }

    async Task WriteAgainAsync(IDatabase database, string topic, string member)
    {
        OnLoss();
        LogMessages.SubscriptionLost(logger, topic, TopicMember.Parse(member).Name);
        try
        {
            await database.SetAddAsync(layout.Topics, topic).ConfigureAwait(false);
            await database.SetAddAsync(layout.Topic(topic), member).ConfigureAwait(false);
            Invalidate();
            await channel.AnnounceAsync(database).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (!RedisErrors.IsTransient(exception))
        {
            // A full server: this process goes on to know it, and tries again when it reads the topic anew.
            LogMessages.MaintenanceFailed(logger, topic, exception);
        }
    }

    void WarnOfForeign(string topic, string member)
    {
        lock (_warned)
        {
            if (_warned.Count >= MaxWarned || !_warned.Add((topic, member)))
                return;
        }

        LogMessages.ForeignMember(logger, topic, member.Length <= 100 ? member : member[..100]);
    }

    void ForgetEmpty()
    {
        foreach (var view in _views.Where(x => x.Value.Destinations.Length == 0))
            _views.TryRemove(view);
    }

    bool IsFresh(View view) => view.Version == channel.Version && time.GetUtcNow() - view.ReadAt < MaxAge;

    sealed record View(TopicDestination[] Destinations, int Version, DateTimeOffset ReadAt);
}
