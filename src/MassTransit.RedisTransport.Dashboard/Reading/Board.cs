using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Diagnostics;
using MassTransit.RedisTransport.Dashboard.Payloads;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>One mapped dashboard: the services that it shows, and how it was configured. It has no figure of its own.</summary>
/// <remarks>
/// The services are asked for with the first request: the application's start must not create the bus for the page's sake.
/// </remarks>
/// <param name="services">Gives the services of the bus by their types.</param>
/// <param name="describers">Gives those who know kinds of messages.</param>
/// <param name="rules">Who may do what.</param>
/// <param name="settings">How it was configured.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class Board(Func<Type, object> services, Func<IEnumerable<IRedisMessageDescriber>> describers, AccessRules rules,
    BoardSettings settings, TimeProvider time, ILogger logger)
{
    /// <summary>How long a page waits for Redis: a reader who gets no answer in three seconds believes that the page is broken.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.5);

    /// <summary>How long a page waits that has to count before something is done. Its reader knows that it is much.</summary>
    static readonly TimeSpan CountPatience = TimeSpan.FromSeconds(10);

    /// <summary>How long an action of one step may take.</summary>
    static readonly TimeSpan ActionPatience = TimeSpan.FromSeconds(30);

    /// <summary>How long viewers share what costs a call a queue.</summary>
    static readonly TimeSpan Shared = TimeSpan.FromSeconds(5);

    readonly Lock _lock = new();
    Cached<IReadOnlyList<RedisFinding>>? _findings;
    Cached<IReadOnlyList<RedisReceiver>>? _receivers;
    Cached<IReadOnlyList<RedisOperation>>? _allOperations;
    Cached<TrashTotals>? _allTrash;
    Describers? _describers;
    DateTimeOffset? _awaySince;
    HistoryCache? _history;
    QueueCatalog? _catalog;
    LiveSampler? _live;

    public AccessRules Rules => rules;

    public BoardSettings Settings => settings;

    public IRedisQueues Queues => field ??= Service<IRedisQueues>();

    public IRedisDeadLetters DeadLetters => field ??= Service<IRedisDeadLetters>();

    public IRedisAudit Audit => field ??= Service<IRedisAudit>();

    public IRedisOperations Operations => field ??= Service<IRedisOperations>();

    public IRedisTrash Trash => field ??= Service<IRedisTrash>();

    public Describers Describers => LazyInitializer.EnsureInitialized(ref _describers, () => new Describers(describers(), logger));

    /// <summary>What is wrong now. It costs a call a queue, so all viewers share it for some seconds.</summary>
    public Cached<IReadOnlyList<RedisFinding>> Findings => LazyInitializer.EnsureInitialized(ref _findings, () =>
    {
        var findings = Service<IRedisFindings>();
        return new Cached<IReadOnlyList<RedisFinding>>(() => findings.CheckAsync(), Shared, time);
    });

    /// <summary>All receivers, one call a queue.</summary>
    public Cached<IReadOnlyList<RedisReceiver>> Receivers => LazyInitializer.EnsureInitialized(ref _receivers, () =>
        new Cached<IReadOnlyList<RedisReceiver>>(() => Queues.ListReceiversAsync(), Shared, time));

    /// <summary>The bulk jobs of all queues.</summary>
    public Cached<IReadOnlyList<RedisOperation>> AllOperations => LazyInitializer.EnsureInitialized(ref _allOperations, () =>
        new Cached<IReadOnlyList<RedisOperation>>(() => Operations.ListAsync(), Shared, time));

    /// <summary>What lies in the trash, some calls a dead-letter queue.</summary>
    public Cached<TrashTotals> AllTrash => LazyInitializer.EnsureInitialized(ref _allTrash, () =>
        new Cached<TrashTotals>(() => TrashTotals.ReadAsync(Catalog, Trash), Shared, time));

    public ILogger Logger => logger;

    public DateTimeOffset Now => time.GetUtcNow();

    public TimeProvider Time => time;

    public HistoryCache History => LazyInitializer.EnsureInitialized(ref _history, () => new HistoryCache(Queues, time));

    public QueueCatalog Catalog => LazyInitializer.EnsureInitialized(ref _catalog, () => new QueueCatalog(Queues, time));

    public LiveSampler Live => LazyInitializer.EnsureInitialized(ref _live, () => new LiveSampler(this));

    /// <summary>Reads something for a page.</summary>
    /// <exception cref="AwayException">There was no answer in time.</exception>
    public Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken) =>
        BoundAsync(ask, Patience, cancellationToken);

    /// <summary>Counts what an action would be about.</summary>
    /// <exception cref="AwayException">There was no answer in time.</exception>
    public Task<T> CountAsync<T>(Func<CancellationToken, Task<T>> count, CancellationToken cancellationToken) =>
        BoundAsync(count, CountPatience, cancellationToken);

    /// <summary>
    /// Does something. A browser that is closed meanwhile does not stop it: nobody would know how far it has come.
    /// </summary>
    /// <exception cref="AwayException">There was no answer in time: it may be done, or done in part.</exception>
    /// <exception cref="UnfinishedException">It takes longer, and was stopped after its current step.</exception>
    public async Task<T> ActAsync<T>(Func<CancellationToken, Task<T>> act)
    {
        using var bound = new CancellationTokenSource(ActionPatience);
        try
        {
            return await BoundAsync(act, ActionPatience * 2, bound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            throw new UnfinishedException($"It had not ended after {ActionPatience.TotalSeconds:0} seconds and was stopped after its "
                + "current step. What was done stays done: the counts say how much. Do it again for the rest.");
        }
    }

    async Task<T> BoundAsync<T>(Func<CancellationToken, Task<T>> ask, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(patience);
        try
        {
            var answer = await ask(bound.Token).WaitAsync(bound.Token).ConfigureAwait(false);
            Returned();
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Away($"Redis has not answered within {patience.TotalSeconds:0.#} seconds.");
        }
        catch (RedisTransportException exception) when (exception is not (RedisConflictException or RedisQueueNotFoundException))
        {
            throw exception.IsTransient ? Away(exception.Message) : new AwayException(exception.Message, null);
        }
    }

    T Service<T>()
        where T : class => (T)services(typeof(T));

    void Returned()
    {
        lock (_lock)
            _awaySince = null;
    }

    AwayException Away(string reason)
    {
        DateTimeOffset since;
        bool isNew;
        lock (_lock)
        {
            isNew = _awaySince is null;
            since = _awaySince ??= Now;
        }

        if (isNew)
            LogMessages.Away(logger, reason);
        return new AwayException(reason, since);
    }
}

/// <summary>What the application has set, checked.</summary>
internal sealed class BoardSettings
{
    public string? PublicPath { get; init; }

    public Uri? PublicOrigin { get; init; }

    public string? TraceUrl { get; init; }

    public string? GrafanaUrl { get; init; }

    public required Func<string, bool> IsSecretHeader { get; init; }

    public Func<ReadOnlyMemory<byte>, string?, ReadOnlyMemory<byte>>? RedactBody { get; init; }

    /// <summary>The body as it may be shown.</summary>
    public ReadOnlyMemory<byte> Redact(ReadOnlyMemory<byte> body, string? contentType) => RedactBody?.Invoke(body, contentType) ?? body;
}
