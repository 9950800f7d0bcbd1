using System.Collections.Concurrent;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.Shared;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Topics;

/// <summary>
/// The queues of topics for senders. A topic is read again after an announced change, after a reconnect, and every <see cref="MaxAge"/>. A
/// member that has disappeared without a mark is written again.
/// </summary>
internal sealed class TopicViews(KeyLayout layout, TopologyChannel channel, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>The longest age of a view. After this time a lost announcement does no more harm.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(30);

    /// <summary>How long queues that delete themselves are kept after a loss of data, until their receivers are back.</summary>
    static readonly TimeSpan LossGrace = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How many topics without subscribers are remembered. The number is limited, because addresses in messages can name any topic.
    /// </summary>
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
    /// <param name="prepare">Work before the reading, which is done by one caller at a time too.</param>
    /// <param name="deadline">How long to wait for a turn. Without it each caller would wait for all before it if the server hangs.</param>
    /// <param name="cancellationToken">Stops the waiting for a turn.</param>
    public async Task<TopicDestination[]> ReadAsync(IDatabase database, string topic, Func<IDatabase, Task> prepare, Deadline deadline,
        CancellationToken cancellationToken)
    {
        if (!await _reading.WaitAsync(deadline.LeftForStep, cancellationToken).ConfigureAwait(false))
            throw new RedisTransportException(
                $"Redis did not say within {deadline.Budget.TotalSeconds:0.#} s where topic {topic} leads.")
            { IsTransient = true };

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

    /// <summary>Returns each queue once, and whether it is temporary. A queue that is subscribed both ways is not.</summary>
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

    /// <summary>
    /// Returns the members that the transport has written. Others are skipped, so that they do not stop messages to the rest.
    /// </summary>
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
            // A linked topic of the wrong type is skipped. For the published topic itself the error is thrown, because its message would be
            // lost.
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
            // The server is full. This process keeps the member and tries again at the next reading of the topic.
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
