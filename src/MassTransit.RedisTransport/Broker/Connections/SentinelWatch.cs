using System.Net;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>The result of one round of questions to the sentinels.</summary>
/// <param name="Primary">The server that they name; <c>null</c> if none of them answers or knows the name.</param>
/// <param name="IsMajority">True if enough of them have answered to exclude an unnoticed failover.</param>
/// <param name="IsFailover">True if one of them reports a failover in progress.</param>
internal sealed record SentinelVerdict(EndPoint? Primary, bool IsMajority, bool IsFailover);

/// <summary>
/// Tracks which server the sentinels name as the primary. It listens to each sentinel, asks each once a second and on request, and
/// discovers further ones. If they differ, the newest configuration counts.
/// </summary>
internal sealed class SentinelWatch : IDisposable
{
    static readonly TimeSpan Recent = TimeSpan.FromSeconds(10);

    readonly ConfigurationOptions _options;
    readonly string _service;
    readonly TimeSpan _timeout;
    readonly Lock _gate = new();
    readonly Dictionary<string, SentinelNode> _nodes = new(StringComparer.Ordinal);
    EndPoint? _primary;
    Task<SentinelVerdict>? _asking;
    Task<SentinelVerdict>? _next;
    bool _disposed;

    /// <param name="options">The sentinels' addresses, their name for the primary, credentials and encryption.</param>
    /// <param name="timeout">How long a sentinel may take to answer.</param>
    public SentinelWatch(ConfigurationOptions options, TimeSpan timeout)
    {
        _options = options.Clone();
        _service = options.ServiceName!;
        _timeout = timeout;
        foreach (var endpoint in options.EndPoints)
            Add(WithPort(endpoint));
    }

    /// <summary>Raised when another server is named. Handlers must not block.</summary>
    public event Action? Changed;

    public string Service => _service;

    /// <summary>The server that was named last; <c>null</c> before any sentinel has answered.</summary>
    public EndPoint? Primary
    {
        get
        {
            lock (_gate)
                return _primary;
        }
    }

    /// <summary>
    /// Asks all sentinels now. A caller during a round gets the result of the next one, because the current round may have begun too early.
    /// </summary>
    public Task<SentinelVerdict> AskAsync()
    {
        lock (_gate)
        {
            if (_asking is null or { IsCompleted: true })
                return _asking = Task.Run(AskAllAsync);
            return _next ??= NextAsync(_asking);
        }
    }

    async Task<SentinelVerdict> NextAsync(Task asking)
    {
        await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            _asking = _next;
            _next = null;
        }

        return await AskAllAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        SentinelNode[] nodes;
        lock (_gate)
        {
            _disposed = true;
            nodes = [.. _nodes.Values];
        }

        foreach (var node in nodes)
            node.Dispose();
    }

    public static EndPoint EndPointOf(string host, int port) =>
        IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port);

    static EndPoint WithPort(EndPoint endpoint) => endpoint switch
    {
        DnsEndPoint { Port: 0 } dns => new DnsEndPoint(dns.Host, 26379),
        IPEndPoint { Port: 0 } ip => new IPEndPoint(ip.Address, 26379),
        _ => endpoint,
    };

    void Add(EndPoint endpoint)
    {
        lock (_gate)
        {
            var name = DirectConnection.TextOf(endpoint);
            if (_disposed || _nodes.ContainsKey(name))
                return;
            _nodes.Add(name, new SentinelNode(endpoint, _options, _service, _timeout, Hear));
        }
    }

    async Task<SentinelVerdict> AskAllAsync()
    {
        SentinelNode[] nodes;
        lock (_gate)
            nodes = [.. _nodes.Values];

        // The wait is limited, so that a sentinel that does not answer does not delay the answers of the others.
        var questions = nodes.Select(x => Task.Run(x.Ask)).ToArray();
        await Task.WhenAny(Task.WhenAll(questions), Task.Delay(_timeout)).ConfigureAwait(false);
        var views = questions.Where(x => x.IsCompletedSuccessfully).Select(x => x.Result).OfType<SentinelView>().ToArray();
        foreach (var view in views)
            Hear(view, decide: false);
        var primary = Decide();

        var all = views.Select(x => x.Sentinels).DefaultIfEmpty(nodes.Length).Max();
        // Behind an address translation some sentinels can never be reached, so only those that have answered before count.
        var needed = Math.Min(all / 2 + 1, Math.Max(1, nodes.Count(x => x.View is not null)));
        return new SentinelVerdict(primary, views.Length >= needed, views.Any(x => x.IsFailover));
    }

    void Hear(SentinelView view, bool decide)
    {
        foreach (var other in view.Others)
            Add(other);
        if (decide)
            Decide();
    }

    EndPoint? Decide()
    {
        EndPoint? primary;
        lock (_gate)
        {
            // An old answer is used only if there is no newer one.
            var known = _nodes.Values.Where(x => x.View is not null).ToArray();
            var recent = Array.FindAll(known, x => x.Age < Recent);
            primary = (recent.Length > 0 ? recent : known).Select(x => x.View!)
                .GroupBy(x => (x.Epoch, Address: DirectConnection.TextOf(x.Primary)))
                .OrderByDescending(x => x.Key.Epoch).ThenByDescending(x => x.Count())
                .FirstOrDefault()?.First().Primary;
            if (primary is null || primary.Equals(_primary) || _disposed)
                return primary;
            _primary = primary;
        }

        Changed?.Invoke();
        return primary;
    }
}
