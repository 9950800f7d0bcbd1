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

/// <summary>A queue that a topic leads to. A <see cref="Temporary"/> one may be gone, and is skipped then.</summary>
internal readonly record struct TopicDestination(string Queue, bool Temporary);

/// <summary>
/// Manages topics, which are sets of queues and further topics. Subscriptions and links of this process are remembered and written again if
/// the server has lost them. The same is done for those of other processes that this one has seen (<see cref="KnownTopics"/>).
/// </summary>
internal sealed class TopicRegistry : IDisposable
{
    /// <summary>How long a mark of a removed queue is kept. It is longer than any sender can miss it.</summary>
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

    /// <summary>Links a topic, so that its messages also go to the subscribers of <paramref name="target"/>.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="target">Another topic.</param>
    /// <param name="deadline">The deadline of the send that needs the link; <c>null</c>: one send timeout from now.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task LinkAsync(string topic, string target, Deadline? deadline = null, CancellationToken cancellationToken = default) =>
        // Every endpoint that publishes a type links its topics, but once for each process is enough. After a loss of data all links are
        // written again.
        _owned.ContainsKey((topic, TopicMember.Topic(target)))
            ? Task.CompletedTask : AddAsync(topic, TopicMember.Topic(target), deadline, cancellationToken);

    /// <summary>Removes a queue for good. It leaves a mark, which shows senders that the queue was not lost.</summary>
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
                // The mark is written first. A sender that reads in between finds both, and uses the queue.
                await database.SetAddAsync(key, TopicMember.Left(queue, now)).ConfigureAwait(false);
                await RemoveOldMarksAsync(database, key, now - MarkAge).ConfigureAwait(false);
            }

            var removed = await database.SetRemoveAsync(key, [lasting, temporary]).ConfigureAwait(false);
            if (removed > 0 || repeated)
                await AnnounceAsync(database).ConfigureAwait(false);
            return removed;
        }).ConfigureAwait(false);
    }

    /// <summary>Removes a queue that has deleted itself from every topic that this process has found it in.</summary>
    public async Task RemoveGoneAsync(string topic, string queue, Deadline? deadline = null)
    {
        var member = TopicMember.Queue(queue, temporary: true);
        foreach (var from in _views.TopicsOf(member).Append(topic).Distinct(StringComparer.Ordinal))
        {
            _views.Forget(from, member);
            await RetryAsync("unsubscribe", from, async (database, repeated) =>
            {
                var removed = await database.SetRemoveAsync(_layout.Topic(from), member).ConfigureAwait(false);
                // A receiver declares the queue before it subscribes it, so the queue may have come back meanwhile.
                if (removed && await database.KeyExistsAsync(_layout.Queue(QueueName.Parse(queue)).Meta, CommandFlags.DemandMaster)
                    .ConfigureAwait(false))
                    await database.SetAddAsync(_layout.Topic(from), member).ConfigureAwait(false);
                else if (removed || repeated)
                    await AnnounceAsync(database).ConfigureAwait(false);
                return removed;
            }, deadline).ConfigureAwait(false);
        }
    }

    /// <summary>Removes a queue from every topic and returns the topics that had it.</summary>
    public async Task<IReadOnlyList<string>> UnsubscribeAllAsync(string queue)
    {
        var found = new List<string>();
        foreach (var chunk in (await ListTopicsAsync().ConfigureAwait(false)).Chunk(100))
        {
            var leads = await RetryAsync("read", "the topics",
                (database, _) => Task.WhenAll(chunk.Select(x => LeadsToAsync(database, x, queue)))).ConfigureAwait(false);
            found.AddRange(chunk.Where((_, i) => leads[i]));
        }

        foreach (var topic in found)
            await UnsubscribeAsync(topic, queue).ConfigureAwait(false);
        return found;
    }

    /// <summary>
    /// Drops the subscriptions of a temporary queue that this process no longer receives from, so that they are not written again.
    /// </summary>
    public void Release(string queue)
    {
        var member = TopicMember.Queue(queue, temporary: true);
        foreach (var owned in _owned.Keys.Where(x => x.Member == member))
            _owned.TryRemove(owned, out _);
    }

    /// <summary>Writes the subscriptions and links of this process again if the server has lost them.</summary>
    public async Task RestoreAsync()
    {
        var asked = Stopwatch.GetTimestamp();
        await _restoring.WaitAsync().ConfigureAwait(false);
        try
        {
            // Every endpoint of a process calls this after a loss of data, but once is enough.
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

    /// <summary>Reads the members of a topic on the server, without following links. For operators and tests.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(string topic) =>
        [.. (await ReadSetAsync(_layout.Topic(topic)).ConfigureAwait(false)).Where(x => TopicMember.Parse(x).Kind != TopicMemberKind.Left)];

    public Task<IReadOnlyList<string>> ListTopicsAsync() => ReadSetAsync(_layout.Topics);

    /// <summary>Returns the queues of a topic, each once, if this process knows them.</summary>
    public bool TryResolve(string topic, out TopicDestination[] destinations) => _views.TryGet(topic, out destinations);

    /// <summary>Returns the queues of a topic, each once.</summary>
    public ValueTask<TopicDestination[]> ResolveAsync(string topic, CancellationToken cancellationToken = default) =>
        TryResolve(topic, out var known)
            ? new ValueTask<TopicDestination[]>(known)
            : new ValueTask<TopicDestination[]>(ReadAsync(topic, Deadline.After(_timeout), cancellationToken));

    /// <summary>Returns the queues of a topic, as a step of a send with a deadline.</summary>
    public ValueTask<TopicDestination[]> ResolveAsync(string topic, Deadline deadline, CancellationToken cancellationToken) =>
        TryResolve(topic, out var known)
            ? new ValueTask<TopicDestination[]>(known) : new ValueTask<TopicDestination[]>(ReadAsync(topic, deadline, cancellationToken));

    Task<TopicDestination[]> ReadAsync(string topic, Deadline deadline, CancellationToken cancellationToken) =>
        RetryAsync("resolve", topic, (database, _) => _views.ReadAsync(database, topic, PrepareAsync, deadline, cancellationToken),
            deadline, cancellationToken);

    Task<bool> AddAsync(string topic, string member, Deadline? deadline = null, CancellationToken cancellationToken = default) =>
        RetryAsync("subscribe", topic, async (database, repeated) =>
        {
            await PrepareAsync(database).ConfigureAwait(false);
            var added = await WriteAsync(database, topic, member).ConfigureAwait(false);
            _owned[(topic, member)] = true;
            // If the reply of a first attempt was lost, the member exists already, but the change was not announced.
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
        // Checks first, because a full server refuses even an addition without effect, and consumers must be able to start there to drain
        // it.
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
                database.SetContainsAsync(_layout.Topic(topic), TopicMember.Queue(queue, temporary: true), CommandFlags.DemandMaster))
                    .ConfigureAwait(false);
            return found[0] || found[1];
        }
        catch (RedisServerException exception) when (TopicViews.IsWrongType(exception))
        {
            // The key belongs to another application, so there is no topic.
            return false;
        }
    }

    static async Task RemoveOldMarksAsync(IDatabase database, RedisKey key, DateTimeOffset before)
    {
        var members = await database.SetMembersAsync(key, CommandFlags.DemandMaster).ConfigureAwait(false);
        var old = members.Select(x => x.ToString())
            .Where(x => TopicMember.Parse(x).Kind == TopicMemberKind.Left && TopicMember.LeftAt(x) < before).ToArray();
        if (old.Length > 0)
            await database.SetRemoveAsync(key, Array.ConvertAll(old, x => (RedisValue)x)).ConfigureAwait(false);
    }

    void Forget(string topic, string member)
    {
        _owned.TryRemove((topic, member), out _);
        _views.Forget(topic, member);
    }

    Task<IReadOnlyList<string>> ReadSetAsync(RedisKey key) =>
        RetryAsync<IReadOnlyList<string>>("read", key.ToString(), async (database, _) =>
        [.. (await database.SetMembersAsync(key, CommandFlags.DemandMaster).ConfigureAwait(false)).Select(x => x.ToString())
            .Order(StringComparer.Ordinal)]);

    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    Task<T> RetryAsync<T>(string operation, string subject, Func<IDatabase, bool, Task<T>> attempt, Deadline? deadline = null,
        CancellationToken cancellationToken = default) =>
        CallRetry.RunAsync(operation, subject, async repeated =>
            await _connection.UseAsync(database => attempt(database, repeated), cancellationToken).ConfigureAwait(false),
            deadline ?? Deadline.After(_timeout), cancellationToken);

    /// <summary>
    /// Compares the marker of the data, which all processes share. A different or missing one means that the server has lost its data.
    /// </summary>
    async Task CheckEpochAsync(IDatabase database)
    {
        var epoch = (string?)await database.StringGetAsync(_layout.Epoch, CommandFlags.DemandMaster).ConfigureAwait(false);
        if (epoch is null)
        {
            await database.StringSetAsync(_layout.Epoch, Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture), when: When.NotExists)
                .ConfigureAwait(false);
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

    /// <summary>
    /// Checks whether the server still has what this process has written, because it may have come back with older data of the same epoch.
    /// </summary>
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
        catch (Exception exception)
            when (exception is RedisTransportException or RedisException or ObjectDisposedException or OperationCanceledException)
        {
            // The next connection checks again, and each publisher writes what is missing.
            LogMessages.MaintenanceFailed(_logger, "topology", exception);
        }
    }
}
