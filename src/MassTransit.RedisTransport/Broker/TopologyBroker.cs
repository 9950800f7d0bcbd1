using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using MassTransit.RedisTransport.Keyspace;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>Where a topic's messages go: a queue. <see cref="Temporary"/> ones may be gone, and are then passed over.</summary>
internal readonly record struct TopicDestination(string Queue, bool Temporary);

/// <summary>
/// Topics: sets of queues and further topics. Senders resolve a topic to queues from a cached view, read anew when somebody
/// announces a change, after a reconnect, and every <see cref="MaxAge"/>. What this process has subscribed or linked is
/// remembered and written again when the server has lost it.
/// </summary>
internal sealed class TopologyBroker : IDisposable
{
    /// <summary>A lost announcement is made up for within this time.</summary>
    static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(30);

    /// <summary>After the server has lost its data, destinations known before are kept until their receivers are back.</summary>
    static readonly TimeSpan LossGrace = TimeSpan.FromSeconds(60);

    const string QueuePrefix = "q:";
    const string TemporaryPrefix = "a:";
    const string TopicPrefix = "t:";

    readonly RedisConnection _connection;
    readonly KeyLayout _layout;
    readonly TimeProvider _time;
    readonly TimeSpan _timeout;
    readonly ConcurrentDictionary<string, View> _views = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<(string Topic, string Member), bool> _owned = new();
    readonly SemaphoreSlim _reading = new(1, 1);
    string? _epoch;
    DateTimeOffset _lostAt = DateTimeOffset.MinValue;
    int _version;
    bool _listening;

    public TopologyBroker(RedisConnection connection, KeyLayout layout, TimeSpan timeout, TimeProvider time)
    {
        _connection = connection;
        _layout = layout;
        _timeout = timeout;
        _time = time;
        _connection.Restored += Invalidate;
    }

    public void Dispose()
    {
        _connection.Restored -= Invalidate;
        _reading.Dispose();
    }

    public Task SubscribeAsync(string topic, string queue, bool temporary) => AddAsync(topic, (temporary ? TemporaryPrefix : QueuePrefix) + queue);

    public async Task UnsubscribeAsync(string topic, string queue)
    {
        foreach (var prefix in (ReadOnlySpan<string>)[QueuePrefix, TemporaryPrefix])
            _owned.TryRemove((topic, prefix + queue), out _);

        await RetryAsync("unsubscribe", topic, async (database, repeated) =>
        {
            var removed = await database.SetRemoveAsync(_layout.Topic(topic), [QueuePrefix + queue, TemporaryPrefix + queue]).ConfigureAwait(false);
            if (removed > 0 || repeated)
                await AnnounceAsync(database).ConfigureAwait(false);
            return removed;
        }).ConfigureAwait(false);
    }

    /// <summary>Messages of <paramref name="topic"/> go to <paramref name="target"/>'s subscribers too.</summary>
    public Task LinkAsync(string topic, string target) =>
        // Every endpoint that publishes a type links its topics: once a process is enough, a loss of data writes all of them again.
        _owned.ContainsKey((topic, TopicPrefix + target)) ? Task.CompletedTask : AddAsync(topic, TopicPrefix + target);

    /// <summary>Writes again what this process had subscribed and linked: the server has lost it.</summary>
    public Task RestoreAsync() => RetryAsync("restore", "the topology", async (database, _) =>
    {
        await WriteOwnedAsync(database).ConfigureAwait(false);
        await AnnounceAsync(database).ConfigureAwait(false);
        return true;
    });

    /// <summary>Subscribers as they stand in the server, not followed further: for an operator, and for tests.</summary>
    public Task<IReadOnlyList<string>> ReadAsync(string topic) => ReadSetAsync(_layout.Topic(topic));

    public Task<IReadOnlyList<string>> ListTopicsAsync() => ReadSetAsync(_layout.Topics);

    /// <summary>The queues a message of this topic goes to, each once.</summary>
    public ValueTask<TopicDestination[]> ResolveAsync(string topic, CancellationToken cancellationToken = default) =>
        _views.TryGetValue(topic, out var view) && IsFresh(view)
            ? new ValueTask<TopicDestination[]>(view.Destinations)
            : new ValueTask<TopicDestination[]>(RetryAsync("resolve", topic, (database, _) => ReadViewAsync(database, topic, cancellationToken), cancellationToken));

    bool IsFresh(View view) => view.Version == Volatile.Read(ref _version) && _time.GetUtcNow() - view.ReadAt < MaxAge;

    async Task<TopicDestination[]> ReadViewAsync(IDatabase database, string topic, CancellationToken cancellationToken)
    {
        // Bounded: behind a server that hangs, each would wait for all before it.
        if (!await _reading.WaitAsync(_timeout, cancellationToken).ConfigureAwait(false))
            throw new RedisTransportException($"Redis did not say within {_timeout.TotalSeconds:0.#} s where topic {topic} leads.") { IsTransient = true };

        try
        {
            if (_views.TryGetValue(topic, out var known) && IsFresh(known))
                return known.Destinations;

            await ListenAsync().ConfigureAwait(false);
            await CheckEpochAsync(database).ConfigureAwait(false);

            var version = Volatile.Read(ref _version);
            var queues = await FollowAsync(database, topic).ConfigureAwait(false);
            var now = _time.GetUtcNow();
            if (known is not null && now - _lostAt < LossGrace)
            {
                foreach (var destination in known.Destinations)
                    queues.TryAdd(destination.Queue, destination.Temporary);
            }

            TopicDestination[] result = [.. queues.Select(x => new TopicDestination(x.Key, x.Value))];
            _views[topic] = new View(result, version, now);
            return result;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Each queue once, and whether it is temporary: it is not where it is subscribed both ways.</summary>
    async Task<Dictionary<string, bool>> FollowAsync(IDatabase database, string topic)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { topic };
        var queues = new Dictionary<string, bool>(StringComparer.Ordinal);
        var level = new List<string> { topic };
        while (level.Count > 0)
        {
            var sets = await Task.WhenAll(level.Select(x => database.SetMembersAsync(_layout.Topic(x)))).ConfigureAwait(false);
            level.Clear();
            foreach (var member in sets.SelectMany(x => x).Select(x => x.ToString()))
            {
                var name = member.Length > 2 ? member[2..] : "";
                if (member.StartsWith(TopicPrefix, StringComparison.Ordinal) && seen.Add(name))
                    level.Add(name);
                else if (member.StartsWith(QueuePrefix, StringComparison.Ordinal))
                    queues[name] = false;
                else if (member.StartsWith(TemporaryPrefix, StringComparison.Ordinal))
                    queues.TryAdd(name, true);
            }
        }

        return queues;
    }

    Task<bool> AddAsync(string topic, string member) =>
        RetryAsync("subscribe", topic, async (database, repeated) =>
        {
            await ListenAsync().ConfigureAwait(false);
            await CheckEpochAsync(database).ConfigureAwait(false);
            // A full server refuses even an addition that adds nothing, and consumers must be able to start there to drain it.
            var listed = database.SetContainsAsync(_layout.Topics, topic);
            var known = await database.SetContainsAsync(_layout.Topic(topic), member).ConfigureAwait(false);
            if (!await listed.ConfigureAwait(false))
                await database.SetAddAsync(_layout.Topics, topic).ConfigureAwait(false);
            // The member of a first attempt whose reply was lost is there already, and nobody has been told.
            var added = !known && await database.SetAddAsync(_layout.Topic(topic), member).ConfigureAwait(false);
            _owned[(topic, member)] = true;
            if (added || repeated)
                await AnnounceAsync(database).ConfigureAwait(false);
            return added;
        });

    Task<IReadOnlyList<string>> ReadSetAsync(RedisKey key) => RetryAsync<IReadOnlyList<string>>("read", key.ToString(), async (database, _) =>
        [.. (await database.SetMembersAsync(key).ConfigureAwait(false)).Select(x => x.ToString()).Order(StringComparer.Ordinal)]);

    /// <exception cref="RedisTransportException">The server refused, or did not answer within the send timeout.</exception>
    Task<T> RetryAsync<T>(string operation, string subject, Func<IDatabase, bool, Task<T>> attempt, CancellationToken cancellationToken = default) =>
        ScriptRunner.RetryAsync(operation, subject, async repeated =>
            await attempt(await _connection.GetDatabaseAsync(cancellationToken).ConfigureAwait(false), repeated).ConfigureAwait(false),
            _timeout, Stopwatch.GetTimestamp(), cancellationToken);

    /// <summary>A marker that every process compares: another one, or none, means that the server has lost its data.</summary>
    async Task CheckEpochAsync(IDatabase database)
    {
        var epoch = (string?)await database.StringGetAsync(_layout.Epoch).ConfigureAwait(false);
        if (epoch is null)
        {
            await database.StringSetAsync(_layout.Epoch, Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture), when: When.NotExists).ConfigureAwait(false);
            epoch = (string?)await database.StringGetAsync(_layout.Epoch).ConfigureAwait(false);
        }

        var known = Interlocked.Exchange(ref _epoch, epoch);
        if (known is null || known == epoch)
            return;

        _lostAt = _time.GetUtcNow();
        await WriteOwnedAsync(database).ConfigureAwait(false);
    }

    async Task WriteOwnedAsync(IDatabase database)
    {
        foreach (var (topic, member) in _owned.Keys)
        {
            await database.SetAddAsync(_layout.Topics, topic).ConfigureAwait(false);
            await database.SetAddAsync(_layout.Topic(topic), member).ConfigureAwait(false);
        }
    }

    async Task AnnounceAsync(IDatabase database)
    {
        Invalidate();
        await database.PublishAsync(_layout.TopologyChannel, "1").ConfigureAwait(false);
    }

    async Task ListenAsync()
    {
        if (_listening)
            return;

        var subscriber = await _connection.GetSubscriberAsync().ConfigureAwait(false);
        await subscriber.SubscribeAsync(_layout.TopologyChannel, (_, _) => Invalidate()).ConfigureAwait(false);
        _listening = true;
    }

    void Invalidate() => Interlocked.Increment(ref _version);

    sealed record View(TopicDestination[] Destinations, int Version, DateTimeOffset ReadAt);
}
