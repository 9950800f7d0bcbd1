using MassTransit.RedisTransport.Administration;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Inspection;
using MassTransit.RedisTransport.Sending;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MassTransit;

/// <summary>
/// The queues of the Redis transport for a process without a bus: an operator's tool, a page, a script. It connects at its first question
/// (also through Sentinel and to a cluster), creates no queue and no topic, and receives nothing. One object serves a whole process; it may
/// be used by many threads at a time.
/// </summary>
/// <remarks>
/// A server that may evict messages, which a bus refuses, is served: whoever looks for the cause must be able to look.
/// </remarks>
public sealed class RedisAdministration : IAsyncDisposable
{
    readonly OperatorServices _services;
    readonly AuditFeed _feed;

    RedisAdministration(OperatorServices services, AuditFeed feed)
    {
        _services = services;
        _feed = feed;
    }

    /// <summary>The queues: list, look into, purge, delete.</summary>
    public IRedisQueues Queues => _services.Queues;

    /// <summary>The dead letters: list, replay, purge.</summary>
    public IRedisDeadLetters DeadLetters => _services.DeadLetters;

    /// <summary>Operations on many dead letters: replay, purge.</summary>
    public IRedisOperations Operations => _services.Operations;

    /// <summary>The dead letters that were deleted within 24 hours: list, restore.</summary>
    public IRedisTrash Trash => _services.Trash;

    /// <summary>What operators have done.</summary>
    public IRedisAudit Audit => _services.Audit;

    /// <summary>What is wrong now.</summary>
    public IRedisFindings Findings => _services.Findings;

    /// <summary>The address of the server, or of the Sentinels' service, without credentials.</summary>
    public string Address => _services.Host.Settings.DisplayAddress;

    /// <summary>The index of the database.</summary>
    public int Database => _services.Host.Settings.Database;

    /// <summary>The prefix of all keys; <c>null</c> if there is none.</summary>
    public string? KeyPrefix => _services.Host.Settings.KeyPrefix;

    internal OperatorServices Services => _services;

    /// <summary>Prepares a connection. Nothing is sent before the first question.</summary>
    /// <param name="address">
    /// <c>redis://user:password@server:6379/0</c> (<c>rediss://</c> for TLS), or a connection string of StackExchange.Redis, which may name
    /// Sentinels (<c>serviceName=…</c>) or the servers of a cluster.
    /// </param>
    /// <param name="keyPrefix">The prefix of all keys, as the bus has it (<c>KeyPrefix</c>); <c>null</c>: that of the address.</param>
    /// <param name="configure">Sets further options of the connection, for example how long a question waits (<c>SendTimeout</c>).</param>
    /// <param name="logger">Gets the log lines of connection and audit. Default: nobody.</param>
    /// <param name="limits">What <see cref="Findings"/> judges by; <c>null</c>: the defaults of the health checks.</param>
    /// <param name="audits">Get each entry of <see cref="Audit"/> that this object writes. Default: nobody.</param>
    /// <exception cref="ConfigurationException">
    /// The address cannot be read, or an option is out of its range. The message never contains the address.
    /// </exception>
    public static RedisAdministration Connect(string address, string? keyPrefix = null, Action<IRedisHostConfigurator>? configure = null,
        ILogger? logger = null, RedisHealthOptions? limits = null, IReadOnlyCollection<IOperationAudit>? audits = null) =>
        Create(address, keyPrefix, configure, logger, limits, () => audits ?? []);

    internal static RedisAdministration Create(string address, string? keyPrefix, Action<IRedisHostConfigurator>? configure,
        ILogger? logger, RedisHealthOptions? limits, Func<IReadOnlyCollection<IOperationAudit>> audits)
    {
        var host = new EngineHost(() => logger ?? NullLogger.Instance);
        var configurator = new RedisHostConfigurator(host.Settings);
        configurator.UseAddress(address);
        if (keyPrefix is not null)
            configurator.KeyPrefix(keyPrefix);
        configure?.Invoke(configurator);
        configurator.AllowEvictionPolicy();
        Validate(host.Settings);
        limits?.Validate();
        var feed = new AuditFeed(audits, host.Logger);
        return new RedisAdministration(new OperatorServices(host, new DefaultMessageTopics(), new ConsumedQueues(), feed, limits), feed);
    }

    /// <summary>Asks the server what it is.</summary>
    /// <param name="cancellationToken">Stops the waiting for a connection.</param>
    /// <exception cref="RedisTransportException">The server cannot be reached, or refuses the credentials.</exception>
    public async Task<RedisServerInfo> GetServerAsync(CancellationToken cancellationToken = default)
    {
        var connection = _services.Host.Current.Connection;
        await connection.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var facts = await connection.ReadFactsAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        var first = facts.FirstOrDefault();
        var mode = connection.IsCluster ? "cluster" : _services.Host.Settings.UsesSentinel ? "sentinel" : first?.Mode ?? "standalone";
        return new RedisServerInfo(facts.Length == 0 ? Address : string.Join(',', facts.Select(x => x.Address)), first?.Product,
            first?.Version, mode, facts.Length, Sum(facts, x => x.UsedMemory), Sum(facts, x => x.MaxMemory is 0 ? null : x.MaxMemory));

        static long? Sum(ServerFacts[] facts, Func<ServerFacts, long?> value) =>
            facts.Length > 0 && Array.TrueForAll(facts, x => value(x) is not null) ? facts.Sum(value) : null;
    }

    /// <summary>
    /// Asks the server why it refuses this client. A call that fails for that reason says after its time only that the server cannot be
    /// reached, since a password may be changed there at any moment.
    /// </summary>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <returns>
    /// What is wrong with the credentials, the certificate or the database, and the cure; <c>null</c> if nothing is, if the server does not
    /// answer within a second, or if it is named by Sentinels.
    /// </returns>
    public Task<string?> FindConfigurationErrorAsync(CancellationToken cancellationToken = default) =>
        ConfigurationProbe.RunAsync(_services.Host.Settings).WaitAsync(cancellationToken);

    /// <summary>
    /// Closes the connection. Calls under way may fail. Each <see cref="IOperationAudit"/> is told what waits before that, for 5 seconds
    /// at most.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _feed.DisposeAsync().ConfigureAwait(false);
        await _services.Host.CloseAsync().ConfigureAwait(false);
    }

    static void Validate(RedisConnectionSettings settings)
    {
        foreach (var (option, problem) in settings.Problems())
            Refuse(option, problem);
    }

    /// <summary>Apart from the caller, so that only a mistake loads MassTransit's assembly.</summary>
    static void Refuse(string option, string problem) => throw new ConfigurationException($"Redis {option} {problem}.");
}
