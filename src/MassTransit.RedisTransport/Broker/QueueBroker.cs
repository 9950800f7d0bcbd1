using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>The queue engine of one host: one connection, its queues and its topics.</summary>
internal sealed class QueueBroker : IAsyncDisposable
{
    readonly RedisConnectionSettings _settings;
    readonly KeyLayout _layout;
    readonly ScriptRunner _runner;
    readonly Replication _replication;
    readonly TimeProvider _time;
    readonly ConcurrentDictionary<string, BrokerQueue> _queues = new(StringComparer.Ordinal);

    public QueueBroker(RedisConnectionSettings settings, ILogger logger, TimeProvider? time = null)
    {
        _settings = settings;
        _time = time ?? TimeProvider.System;
        _layout = new KeyLayout(settings.KeyPrefix, settings.Database);
        _replication = new Replication(settings.RequiredReplicas, settings.ReplicaTimeout);
        Connection = new RedisConnection(settings, logger);
        _runner = new ScriptRunner(Connection);
        Topology = new TopologyBroker(Connection, _layout, settings.SendTimeout, _time, logger);
    }

    public RedisConnection Connection { get; }

    public TopologyBroker Topology { get; }

    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public BrokerQueue Queue(string name) =>
        _queues.TryGetValue(name, out var queue) ? queue : _queues.GetOrAdd(name, Create);

    /// <summary>Forgets a temporary queue that will not be used again, so that a long-lived process does not gather them.</summary>
    public void Forget(string name) => _queues.TryRemove(name, out _);

    /// <summary>All queues that do not delete themselves, dead-letter queues included where they exist.</summary>
    /// <exception cref="RedisTransportException">The server refused, or did not answer within the send timeout.</exception>
    public Task<IReadOnlyList<string>> ListQueuesAsync(CancellationToken cancellationToken = default) =>
        RetryAsync("list", "the queues", ListQueuesAsync, cancellationToken);

    async Task<IReadOnlyList<string>> ListQueuesAsync(IDatabase database)
    {
        var names = (await database.SetMembersAsync(_layout.Queues).ConfigureAwait(false)).Select(x => x.ToString()).ToHashSet(StringComparer.Ordinal);
        var candidates = names.SelectMany(x => new[] { x, x + QueueName.ErrorSuffix, x + QueueName.SkippedSuffix })
            .Where(QueueName.IsValid).Distinct(StringComparer.Ordinal).ToArray();
        var exists = await Task.WhenAll(candidates.Select(x => database.KeyExistsAsync(Queue(x).Keys.Meta))).ConfigureAwait(false);
        return [.. candidates.Where((_, i) => exists[i]).Order(StringComparer.Ordinal)];
    }

    /// <summary>Deletes a queue with everything in it.</summary>
    public async Task DeleteQueueAsync(string name, CancellationToken cancellationToken = default)
    {
        await Queue(name).DeleteAsync(cancellationToken).ConfigureAwait(false);
        await RetryAsync("unlist", name, database => database.SetRemoveAsync(_layout.Queues, name), cancellationToken).ConfigureAwait(false);
        Forget(name);
    }

    public async ValueTask DisposeAsync()
    {
        Topology.Dispose();
        await Connection.DisposeAsync().ConfigureAwait(false);
    }

    BrokerQueue Create(string name)
    {
        var parsed = QueueName.Parse(name);
        return new BrokerQueue(_runner, parsed, _layout.Queue(parsed), _settings.SendTimeout, _replication, _time, ListAsync,
            QueueMeter.Of(name, _queues.Count));
    }

    Task<bool> ListAsync(QueueName name) => RetryAsync("list", name.Value, async database =>
        // A full server refuses even an addition that adds nothing, and consumers must be able to start there to drain it.
        !await database.SetContainsAsync(_layout.Queues, name.Value).ConfigureAwait(false)
        && await database.SetAddAsync(_layout.Queues, name.Value).ConfigureAwait(false));

    Task<T> RetryAsync<T>(string operation, string subject, Func<IDatabase, Task<T>> attempt, CancellationToken cancellationToken = default) =>
        ScriptRunner.RetryAsync(operation, subject, async _ =>
            await Connection.UseAsync(attempt, cancellationToken).ConfigureAwait(false),
            _settings.SendTimeout, Stopwatch.GetTimestamp(), cancellationToken);
}
