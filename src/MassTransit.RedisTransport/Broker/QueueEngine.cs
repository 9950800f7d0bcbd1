using System.Collections.Concurrent;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Topics;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using MassTransit.Shared;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker;

/// <summary>The queue engine of one host, with its connection, queues and topics.</summary>
internal sealed class QueueEngine : IAsyncDisposable
{
    /// <summary>
    /// How many queues are kept for good. An application has fewer; only code that creates new names without end has more.
    /// </summary>
    const int MaxQueues = 10_000;

    /// <summary>
    /// How long an unused queue of a client is kept. It is longer than the time between two answers to a busy client, because each new lane
    /// costs the server a key for two minutes.
    /// </summary>
    static readonly TimeSpan PassingAge = TimeSpan.FromSeconds(2);

    const int MaxPassing = 10_000;

    /// <summary>How many inspected queues are cached. It is several times a page of a list.</summary>
    const int MaxInspected = 1_000;

    /// <summary>A character that no queue name contains.</summary>
    const char DeadLettersOf = '>';

    readonly RedisConnectionSettings _settings;
    readonly KeyLayout _layout;
    readonly ScriptCaller _runner;
    readonly Replication _replication;
    readonly TimeProvider _time;
    readonly ConcurrentDictionary<string, MessageQueue> _queues = new(StringComparer.Ordinal);
    readonly FadingCache<string, MessageQueue> _passing;
    readonly FadingCache<string, MessageQueue> _inspected;
    readonly ConcurrentDictionary<string, bool> _noted = new(StringComparer.Ordinal);

    public QueueEngine(RedisConnectionSettings settings, ILogger logger, TimeProvider? time = null)
    {
        _settings = settings;
        _time = time ?? TimeProvider.System;
        _layout = new KeyLayout(settings.KeyPrefix, settings.Database);
        _passing = new FadingCache<string, MessageQueue>(PassingAge, MaxPassing, x => Create(x, QueueMeter.Temporary),
            static x => x.IsIdle);
        _inspected =
            new FadingCache<string, MessageQueue>(PassingAge, MaxInspected, x => Create(x, QueueMeter.Other), static x => x.IsIdle);
        _replication = new Replication(settings.RequiredReplicas, settings.ReplicaTimeout);
        Connection = new RedisConnection(settings, logger);
        _runner = new ScriptCaller(Connection);
        Topology = new TopicRegistry(Connection, _layout, settings.SendTimeout, _time, logger);
        Audit = new AuditLog(_runner, _layout.Audit, NewDeadline);
    }

    public RedisConnection Connection { get; }

    public TopicRegistry Topology { get; }

    public AuditLog Audit { get; }

    /// <summary>Creates the deadline of a send that begins now. It must be passed to each step of the send.</summary>
    public Deadline NewDeadline() => Deadline.After(_settings.SendTimeout);

    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public MessageQueue Queue(string name) =>
        _queues.TryGetValue(name, out var queue) ? queue : Add(name);

    /// <summary>
    /// Returns a temporary queue, such as that of a client that waits for an answer. It is dropped soon after its last use, so callers must
    /// not keep it.
    /// </summary>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public MessageQueue Passing(string name) =>
        _queues.TryGetValue(name, out var queue) ? queue : _passing.Get(name);

    /// <summary>
    /// Returns a queue for inspection by an operator. It is not kept unless other code uses it, because there may be any number of them and
    /// they must not displace the application's queues in memory or among the names of metrics.
    /// </summary>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public MessageQueue Inspect(string name) =>
        _queues.TryGetValue(name, out var queue) ? queue : _inspected.Get(name);

    /// <summary>Counts the messages of a queue. Nothing is kept of it.</summary>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public Task<QueueCounts> CountAsync(string name, CancellationToken cancellationToken = default) =>
        QueueFigures.CountAsync(_runner, _layout.Queue(QueueName.Parse(name)), NewDeadline(), cancellationToken);

    /// <summary>Reads the depth of a queue in one attempt. Nothing is kept of it.</summary>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="RedisTransportException">The server has refused, or does not answer (transient).</exception>
    public Task<QueueMeasure> MeasureAsync(string name, CancellationToken cancellationToken = default) =>
        QueueFigures.MeasureAsync(_runner, _layout.Queue(QueueName.Parse(name)), cancellationToken);

    /// <inheritdoc cref="ReceiverBook.BeatAsync"/>
    /// <param name="name">The queue.</param>
    /// <param name="receiver">The receiver's id.</param>
    /// <param name="said">What it says of itself; empty if it leaves.</param>
    /// <param name="cancellationToken">Stops the waiting for a connection.</param>
    public Task BeatAsync(QueueName name, string receiver, ReadOnlyMemory<byte> said, CancellationToken cancellationToken = default) =>
        ReceiverBook.BeatAsync(_runner, (_layout.Queue(name), _layout.Queue(QueueName.Parse(name.Value + QueueName.ErrorSuffix)),
            _layout.Queue(QueueName.Parse(name.Value + QueueName.SkippedSuffix))), receiver, said, cancellationToken);

    /// <inheritdoc cref="ReceiverBook.ListAsync"/>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public Task<ReceiverEntry[]> ListReceiversAsync(string name, CancellationToken cancellationToken = default) =>
        ReceiverBook.ListAsync(_runner, _layout.Queue(QueueName.Parse(name)), NewDeadline(), cancellationToken);

    /// <inheritdoc cref="ReceiverBook.HistoryAsync"/>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public Task<(DateTimeOffset ServerTime, MinuteFigures[] Minutes)> ReadHistoryAsync(string name, TimeSpan back,
        CancellationToken cancellationToken = default) =>
        ReceiverBook.HistoryAsync(_runner, _layout.Queue(QueueName.Parse(name)), back, NewDeadline(), cancellationToken);

    /// <inheritdoc cref="QueueControls.ReadAsync"/>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public Task<ControlState?> ReadControlAsync(string name, CancellationToken cancellationToken = default) =>
        QueueControls.ReadAsync(_runner, _layout.Queue(QueueName.Parse(name)), NewDeadline(), cancellationToken);

    /// <inheritdoc cref="QueueControls.RunAsync"/>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public Task<ControlState?> ChangeControlAsync(string name, ControlChange change, string who, string why,
        CancellationToken cancellationToken = default) =>
        QueueControls.RunAsync(_runner, _layout.Queue(QueueName.Parse(name)), change, who, why, NewDeadline(), cancellationToken);

    /// <summary>Drops a temporary queue that will not be used again, so that a long-running process does not collect them.</summary>
    public void Forget(string name)
    {
        _queues.TryRemove(name, out _);
        _passing.Remove(name);
        _inspected.Remove(name);
        Topology.Release(name);
    }

    /// <summary>How many queue objects this process holds.</summary>
    public int Remembered => _queues.Count + _passing.Count + _inspected.Count;

    /// <summary>How many queues are kept for good.</summary>
    public int Lasting => _queues.Count;

    /// <summary>Lists all queues that do not delete themselves, and their dead-letter queues if they exist.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public Task<IReadOnlyList<string>> ListQueuesAsync(CancellationToken cancellationToken = default) =>
        RetryAsync("list", "the queues", ListQueuesAsync, cancellationToken);

    async Task<IReadOnlyList<string>> ListQueuesAsync(IDatabase database)
    {
        var names = (await database.SetMembersAsync(_layout.Queues).ConfigureAwait(false)).Select(x => x.ToString())
            .ToHashSet(StringComparer.Ordinal);
        var candidates = names.Where(QueueName.IsValid).SelectMany(x => QueueName.DeadLetterQueuesOf(x).Prepend(x))
            .Distinct(StringComparer.Ordinal).ToArray();
        var exists = await Task.WhenAll(candidates.Select(x => database.KeyExistsAsync(_layout.QueueMeta(QueueName.Parse(x)))))
            .ConfigureAwait(false);
        return [.. candidates.Where((_, i) => exists[i]).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Deletes a queue with all its messages and removes it from every topic, so that the next publish does not create it again.
    /// </summary>
    public async Task DeleteQueueAsync(string name, CancellationToken cancellationToken = default)
    {
        var queue = Inspect(name);
        // The queue is deleted before the subscriptions, because a full server has room for the marks of removed subscriptions only then.
        await queue.DeleteAsync(cancellationToken).ConfigureAwait(false);
        if ((await Topology.UnsubscribeAllAsync(name).ConfigureAwait(false)).Count > 0)
            await queue.DeleteAsync(cancellationToken).ConfigureAwait(false);
        await RetryAsync("unlist", name, database => database.SetRemoveAsync(_layout.Queues, name), cancellationToken)
            .ConfigureAwait(false);
        Forget(name);
    }

    /// <summary>
    /// Records that a queue takes the dead letters of another one if its name does not show it, so that operators find them.
    /// </summary>
    public async Task NoteDeadLettersAsync(string queue, string source)
    {
        var note = queue + DeadLettersOf + source;
        if (_noted.ContainsKey(note))
            return;

        try
        {
            await RetryAsync("note", queue, database => database.SetAddAsync(_layout.DeadLetters, note)).ConfigureAwait(false);
            _noted[note] = true;
        }
        catch (RedisTransportException exception) when (!exception.IsTransient)
        {
            // A full server refuses a new name. The message is moved all the same, and its header names the source.
        }
    }

    /// <summary>Lists the dead-letter queues with custom names, and the queues whose dead letters they have taken.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<ILookup<string, string>> ListDeadLettersAsync(CancellationToken cancellationToken = default) =>
        (await RetryAsync("list", "the dead-letter queues", database => database.SetMembersAsync(_layout.DeadLetters), cancellationToken)
            .ConfigureAwait(false))
        .Select(x => x.ToString().Split(DeadLettersOf)).Where(x => x is [_, _] && QueueName.IsValid(x[0]) && QueueName.IsValid(x[1]))
        .ToLookup(x => x[0], x => x[1], StringComparer.Ordinal);

    /// <summary>Records that a dead-letter queue has operations, so that every process finds them.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public Task NoteOperationsAsync(string queue, CancellationToken cancellationToken = default) =>
        RetryAsync("note", queue, database => database.SetAddAsync(_layout.Operations, queue), cancellationToken);

    /// <summary>Removes a queue from those that have operations.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public Task ForgetOperationsAsync(string queue, CancellationToken cancellationToken = default) =>
        RetryAsync("unlist", queue, database => database.SetRemoveAsync(_layout.Operations, queue), cancellationToken);

    /// <summary>Lists the dead-letter queues that have operations.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer within the send timeout.</exception>
    public async Task<string[]> ListOperationQueuesAsync(CancellationToken cancellationToken = default) =>
        [.. (await RetryAsync("list", "the operations", database => database.SetMembersAsync(_layout.Operations), cancellationToken)
            .ConfigureAwait(false)).Select(x => x.ToString()).Where(QueueName.IsValid).Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        Topology.Dispose();
        await Connection.DisposeAsync().ConfigureAwait(false);
        _runner.Dispose();
    }

    MessageQueue Add(string name)
    {
        if (_queues.Count >= MaxQueues)
        {
            foreach (var idle in _queues.Where(x => x.Value.IsIdle))
                _queues.TryRemove(idle);
        }

        return _queues.GetOrAdd(name, x => Create(x, QueueMeter.Of(x, _queues.Count)));
    }

    MessageQueue Create(string name, QueueMeter meter)
    {
        var parsed = QueueName.Parse(name);
        return new MessageQueue(_runner, parsed, _layout.Queue(parsed), _settings.SendTimeout, _replication, _time, RememberAsync, meter);
    }

    Task<bool> RememberAsync(QueueName name) => RetryAsync("list", name.Value, async database =>
        // Checks first, because a full server refuses even an addition without effect, and consumers must be able to start there to drain
        // it.
        !await database.SetContainsAsync(_layout.Queues, name.Value).ConfigureAwait(false)
        && await database.SetAddAsync(_layout.Queues, name.Value).ConfigureAwait(false));

    Task<T> RetryAsync<T>(string operation, string subject, Func<IDatabase, Task<T>> attempt,
        CancellationToken cancellationToken = default) =>
        CallRetry.RunAsync(operation, subject, async _ =>
            await Connection.UseAsync(attempt, cancellationToken).ConfigureAwait(false),
            NewDeadline(), cancellationToken);
}
