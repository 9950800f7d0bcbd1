using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.Shared;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Topics;

/// <summary>Where a topic's messages go: a queue. <see cref="Temporary"/> ones may be gone, and are then passed over.</summary>
internal readonly record struct TopicDestination(string Queue, bool Temporary);

/// <summary>
/// Topics: sets of queues and further topics. What this process has subscribed or linked is remembered and written again when
/// the server has lost it, and so is what it has seen of others: see <see cref="KnownTopics"/>.
/// </summary>
internal sealed class TopicRegistry : IDisposable
{
    /// <summary>A mark that a queue was taken out outlives every sender that could have missed it.</summary>
    static readonly TimeSpan MarkAge = TimeSpan.FromDays(30);

    readonly RedisConnection _connection;
    readonly KeyLayout _layout;
    readonly TimeProvider _time;
    readonly TimeSpan _timeout;
    readonly TopicViews _views;
    readonly TopologyChannel _channel;
    readonly ILogger _logger;
    readonly ConcurrentDictionary<(string Topic, string Member), bool> _owned = new();
    readonly SemaphoreSlim _restoring = new(1, 1);
    long _restored;
    string? _epoch;

    public TopicRegistry(RedisConnection connection, KeyLayout layout, TimeSpan timeout, TimeProvider time, ILogger logger)
    {
        _connection = connection;
        _layout = layout;
        _timeout = timeout;
        _time = time;
        _logger = logger;
        _channel = new TopologyChannel(connection, layout.TopologyChannel, logger);
        _views = new TopicViews(layout, _channel, time, logger);
        _connection.Restored += OnRestored;
    }

    public void Dispose()
    {
        _connection.Restored -= OnRestored;
        _views.Dispose();
        _restoring.Dispose();
    }

    public Task SubscribeAsync(string topic, string queue, bool temporary) => AddAsync(topic, TopicMember.Queue(queue, temporary));

    /// <summary>Messages of <paramref name="topic"/> go to <paramref name="target"/>'s subscribers too.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="target">Another topic.</param>
    /// <param name="deadline">When the send must have ended that needs the link; <c>null</c>: a send timeout from now.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task LinkAsync(string topic, string target, Deadline? deadline = null, CancellationToken cancellationToken = default) =>
        // Every endpoint that publishes a type links its topics: once a process is enough, a loss of data writes all of them again.
        _owned.ContainsKey((topic, TopicMember.Topic(target))) ? Task.CompletedTask : AddAsync(topic, TopicMember.Topic(target), deadline, cancellationToken);

    /// <summary>Takes a queue out for good. Leaves a mark, by which senders know that it was not lost.</summary>
    public async Task UnsubscribeAsync(string topic, string queue)
    {
        string lasting = TopicMember.Queue(queue), temporary = TopicMember.Queue(queue, temporary: true);
        Forget(topic, lasting);
        Forget(topic, temporary);
        await RetryAsync("unsubscribe", topic, async (database, repeated) =>
        {
            var key = _layout.Topic(topic);
            if (await database.SetContainsAsync(key, lasting, CommandFlags.DemandMaster).ConfigureAwait(false))
            {
                var now = _time.GetUtcNow();
                // First: whoever reads in between finds both, and the queue counts.
                await database.SetAddAsync(key, TopicMember.Left(queue, now)).ConfigureAwait(false);
                await RemoveOldMarksAsync(database, key, now - MarkAge).ConfigureAwait(false);
            }

            var removed = await database.SetRemoveAsync(key, [lasting, temporary]).ConfigureAwait(false);
            if (removed > 0 || repeated)
                await AnnounceAsync(database).ConfigureAwait(false);
            return removed;
        }).ConfigureAwait(false);
    }

    /// <summary>Takes a queue that deletes itself, and has, out of every topic that led this process to it.</summary>
    public async Task RemoveGoneAsync(string topic, string queue, Deadline? deadline = null)
    {
        var member = TopicMember.Queue(queue, temporary: true);
        foreach (var from in _views.TopicsOf(member).Append(topic).Distinct(StringComparer.Ordinal))
        {
            _views.Forget(from, member);
            await RetryAsync("unsubscribe", from, async (database, repeated) =>
            {
                var removed = await database.SetRemoveAsync(_layout.Topic(from), member).ConfigureAwait(false);
                // Its receiver declares the queue, then subscribes it: it may have come back meanwhile.
                if (removed && await database.KeyExistsAsync(_layout.Queue(QueueName.Parse(queue)).Meta, CommandFlags.DemandMaster).ConfigureAwait(false))
                    await database.SetAddAsync(_layout.Topic(from), member).ConfigureAwait(false);
                else if (removed || repeated)
                    await AnnounceAsync(database).ConfigureAwait(false);
                return removed;
            }, deadline).ConfigureAwait(false);
        }
    }

    /// <summary>Takes a queue out of every topic there is. Returns those that led to it.</summary>
    public async Task<IReadOnlyList<string>> UnsubscribeAllAsync(string queue)
    {
        var found = new List<string>();
        foreach (var chunk in (await ListTopicsAsync().ConfigureAwait(false)).Chunk(100))
        {
            var leads = await RetryAsync("read", "the topics", (database, _) => Task.WhenAll(chunk.Select(x => LeadsToAsync(database, x, queue)))).ConfigureAwait(false);
            found.AddRange(chunk.Where((_, i) => leads[i]));
        }

        foreach (var topic in found)
            await UnsubscribeAsync(topic, queue).ConfigureAwait(false);
        return found;
    }

    /// <summary>A queue that deletes itself is not received from here any more: it is not subscribed again.</summary>
    public void Release(string queue)
    {
        var member = TopicMember.Queue(queue, temporary: true);
        foreach (var owned in _owned.Keys.Where(x => x.Member == member))
            _owned.TryRemove(owned, out _);
    }

    /// <summary>Writes again what this process had subscribed and linked, where the server has lost it.</summary>
    public async Task RestoreAsync()
    {
        var asked = Stopwatch.GetTimestamp();
        await _restoring.WaitAsync().ConfigureAwait(false);
        try
        {
            // Every endpoint of a process asks when the server has lost its data: once is enough.
            if (_restored > asked)
                return;

            var began = Stopwatch.GetTimestamp();
            await RetryAsync("restore", "the topology", (database, repeated) => RestoreAsync(database, repeated)).ConfigureAwait(false);
            _restored = began;
        }
        finally
        {
            _restoring.Release();
        }
    }

    /// <summary>Subscribers as they stand in the server, not followed further: for an operator, and for tests.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(string topic) =>
        [.. (await ReadSetAsync(_layout.Topic(topic)).ConfigureAwait(false)).Where(x => TopicMember.Parse(x).Kind != TopicMemberKind.Left)];

    public Task<IReadOnlyList<string>> ListTopicsAsync() => ReadSetAsync(_layout.Topics);

    /// <summary>The queues a message of this topic goes to, each once, if this process knows them.</summary>
    public bool TryResolve(string topic, out TopicDestination[] destinations) => _views.TryGet(topic, out destinations);

    /// <summary>The queues a message of this topic goes to, each once.</summary>
    public ValueTask<TopicDestination[]> ResolveAsync(string topic, CancellationToken cancellationToken = default) =>
        TryResolve(topic, out var known) ? new ValueTask<TopicDestination[]>(known) : new ValueTask<TopicDestination[]>(ReadAsync(topic, Deadline.After(_timeout), cancellationToken));

    /// <summary>The same, as a step of a send that ends at the deadline.</summary>
    public ValueTask<TopicDestination[]> ResolveAsync(string topic, Deadline deadline, CancellationToken cancellationToken) =>
        TryResolve(topic, out var known) ? new ValueTask<TopicDestination[]>(known) : new ValueTask<TopicDestination[]>(ReadAsync(topic, deadline, cancellationToken));

    Task<TopicDestination[]> ReadAsync(string topic, Deadline deadline, CancellationToken cancellationToken) =>
        RetryAsync("resolve", topic, (database, _) => _views.ReadAsync(database, topic, PrepareAsync, deadline, cancellationToken), deadline, cancellationToken);

    Task<bool> AddAsync(string topic, string member, Deadline? deadline = null, CancellationToken cancellationToken = default) =>
        RetryAsync("subscribe", topic, async (database, repeated) =>
        {
            await PrepareAsync(database).ConfigureAwait(false);
            var added = await WriteAsync(database, topic, member).ConfigureAwait(false);
            _owned[(topic, member)] = true;
            // The member of a first attempt whose reply was lost is there already, and nobody has been told.
            if (added || repeated)
                await AnnounceAsync(database).ConfigureAwait(false);
            return added;
        }, deadline, cancellationToken);

    async Task PrepareAsync(IDatabase database)
    {
        await _channel.ListenAsync().ConfigureAwait(false);
        await CheckEpochAsync(database).ConfigureAwait(false);
    }

    async Task<bool> WriteAsync(IDatabase database, string topic, string member)
    {
        // A full server refuses even an addition that adds nothing, and consumers must be able to start there to drain it.
        var listed = database.SetContainsAsync(_layout.Topics, topic, CommandFlags.DemandMaster);
        var known = await database.SetContainsAsync(_layout.Topic(topic), member, CommandFlags.DemandMaster).ConfigureAwait(false);
        if (!await listed.ConfigureAwait(false))
            await database.SetAddAsync(_layout.Topics, topic).ConfigureAwait(false);
        return !known && await database.SetAddAsync(_layout.Topic(topic), member).ConfigureAwait(false);
    }

    async Task<bool> RestoreAsync(IDatabase database, bool repeated)
    {
        var written = await Task.WhenAll(_owned.Keys.Select(x => WriteAsync(database, x.Topic, x.Member))).ConfigureAwait(false);
        if (Array.Exists(written, static x => x) || repeated)
            await AnnounceAsync(database).ConfigureAwait(false);
        return true;
    }

    async Task<bool> LeadsToAsync(IDatabase database, string topic, string queue)
    {
        try
        {
            var found = await Task.WhenAll(
                database.SetContainsAsync(_layout.Topic(topic), TopicMember.Queue(queue), CommandFlags.DemandMaster),
                database.SetContainsAsync(_layout.Topic(topic), TopicMember.Queue(queue, temporary: true), CommandFlags.DemandMaster)).ConfigureAwait(false);
            return found[0] || found[1];
        }
        catch (RedisServerException exception) when (TopicViews.IsWrongType(exception))
        {
            // Another application's key leads nowhere.
            return false;
        }
    }

    static async Task RemoveOldMarksAsync(IDatabase database, RedisKey key, DateTimeOffset before)
    {
        var members = await database.SetMembersAsync(key, CommandFlags.DemandMaster).ConfigureAwait(false);
        var old = members.Select(x => x.ToString()).Where(x => TopicMember.Parse(x).Kind == TopicMemberKind.Left && TopicMember.LeftAt(x) < before).ToArray();
        if (old.Length > 0)
            await database.SetRemoveAsync(key, Array.ConvertAll(old, x => (RedisValue)x)).ConfigureAwait(false);
    }

    void Forget(string topic, string member)
    {
        _owned.TryRemove((topic, member), out _);
        _views.Forget(topic, member);
    }

    Task<IReadOnlyList<string>> ReadSetAsync(RedisKey key) => RetryAsync<IReadOnlyList<string>>("read", key.ToString(), async (database, _) =>
        [.. (await database.SetMembersAsync(key, CommandFlags.DemandMaster).ConfigureAwait(false)).Select(x => x.ToString()).Order(StringComparer.Ordinal)]);

    /// <exception cref="RedisTransportException">The server refused, or did not answer within the send timeout.</exception>
    Task<T> RetryAsync<T>(string operation, string subject, Func<IDatabase, bool, Task<T>> attempt, Deadline? deadline = null,
        CancellationToken cancellationToken = default) =>
        CallRetry.RunAsync(operation, subject, async repeated =>
            await _connection.UseAsync(database => attempt(database, repeated), cancellationToken).ConfigureAwait(false),
            deadline ?? Deadline.After(_timeout), cancellationToken);

    /// <summary>A marker that every process compares: another one, or none, means that the server has lost its data.</summary>
    async Task CheckEpochAsync(IDatabase database)
    {
        var epoch = (string?)await database.StringGetAsync(_layout.Epoch, CommandFlags.DemandMaster).ConfigureAwait(false);
        if (epoch is null)
        {
            await database.StringSetAsync(_layout.Epoch, Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture), when: When.NotExists).ConfigureAwait(false);
            epoch = (string?)await database.StringGetAsync(_layout.Epoch, CommandFlags.DemandMaster).ConfigureAwait(false);
        }

        var known = Interlocked.Exchange(ref _epoch, epoch);
        if (known is null || known == epoch)
            return;

        _views.OnLoss();
        await RestoreAsync(database, repeated: false).ConfigureAwait(false);
    }

    async Task AnnounceAsync(IDatabase database)
    {
        _views.Invalidate();
        await _channel.AnnounceAsync(database).ConfigureAwait(false);
    }

    /// <summary>The server may have come back with older data of the same epoch: what this process has written is looked for.</summary>
    void OnRestored()
    {
        if (!_owned.IsEmpty)
            _ = RestoreInBackgroundAsync();
    }

    async Task RestoreInBackgroundAsync()
    {
        try
        {
            await RestoreAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisTransportException or RedisException or ObjectDisposedException or OperationCanceledException)
        {
            // The next connection looks again, and each publisher writes what it misses.
            LogMessages.MaintenanceFailed(_logger, "topology", exception);
        }
    }
}
