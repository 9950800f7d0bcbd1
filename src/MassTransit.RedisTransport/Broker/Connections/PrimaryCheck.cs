using System.Globalization;
using System.Net;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>
/// Between the promotion of a replica and the moment the sentinels have told of it, two servers call themselves primary, and
/// what the old one confirms is lost. The promoted replica leaves it at once, though: after each answer one look at the
/// server's replicas, shared by all calls that wait for it, tells whether one of them has left. Then nothing is confirmed until
/// that replica and a majority of the sentinels have said that no failover is going on.
/// </summary>
internal sealed class PrimaryCheck(ServerSession session, SentinelWatch sentinels, ConfigurationOptions options)
{
    /// <summary>A replica reports once a second. Silent for longer, it may have been promoted while this server stood still.</summary>
    const int MaxLagSeconds = 1;

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan HoldTimeout = TimeSpan.FromSeconds(3);
    static readonly TimeSpan ReplicaTimeout = TimeSpan.FromMilliseconds(500);

    readonly IServer _server = session.Multiplexer.GetServer(session.Primary!);
    readonly Lock _gate = new();
    readonly HashSet<(string Host, int Port)> _followers = [];
    TaskCompletionSource? _waiting;
    bool _running;

    /// <summary>Completes when the server has been found to be the primary, by a look that began after this call.</summary>
    /// <exception cref="RedisConnectionException">It is not, or that cannot be said.</exception>
    public Task TrustAsync()
    {
        Task task;
        bool start;
        lock (_gate)
        {
            _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            task = _waiting.Task;
            start = !_running;
            _running = true;
        }

        if (start)
            EmptyContext.Run(static check => _ = ((PrimaryCheck)check!).RunAsync(), this);
        return task;
    }

    /// <summary>The same over a connection of the caller's own, without the pool. It cannot wait for what the sentinels say.</summary>
    public void Trust(DirectConnection connection)
    {
        var info = (string?)connection.Execute("INFO", ["replication"]) ?? "";
        if (session.IsReplaced || !IsPrimary(info) || Missing(info) is not null)
            throw ServerSession.Untrusted();
    }

    async Task RunAsync()
    {
        while (true)
        {
            TaskCompletionSource? batch;
            lock (_gate)
            {
                batch = _waiting;
                _waiting = null;
                if (batch is null)
                {
                    _running = false;
                    return;
                }
            }

            try
            {
                await CheckAsync().ConfigureAwait(false);
                batch.TrySetResult();
            }
            catch (Exception exception)
            {
                // Given to every call that waits.
                batch.TrySetException(exception);
                _ = batch.Task.Exception;
            }
        }
    }

    /// <summary>Also for the first time: what this server has to be before anything is asked of it.</summary>
    public async Task CheckAsync()
    {
        if (session.IsReplaced)
            throw ServerSession.Untrusted();

        var looking = _server.ExecuteAsync("INFO", "replication");
        string info;
        try
        {
            info = (string?)await looking.ConfigureAwait(false) ?? "";
        }
        catch (RedisServerException exception) when (!RedisErrors.IsTransient(exception))
        {
            // A user without the right to ask: what remains is what the sentinels say.
            return;
        }

        if (session.IsReplaced)
            throw ServerSession.Untrusted();
        if (!IsPrimary(info))
        {
            await sentinels.AskAsync().ConfigureAwait(false);
            throw ServerSession.Untrusted();
        }

        if (Missing(info) is { } missing)
            await HoldAsync(missing).ConfigureAwait(false);
    }

    /// <summary>Those that followed before and are not seen to follow now.</summary>
    List<(string Host, int Port)>? Missing(string info)
    {
        lock (_followers)
            return MissingOf(info);
    }

    List<(string Host, int Port)>? MissingOf(string info)
    {
        List<(string Host, int Port)>? missing = null;
        var inStep = 0;
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            if (!TryParseReplica(line, out var host, out var port, out var online, out var lag) || !online || lag > MaxLagSeconds)
                continue;
            inStep++;
            if (!Follows(host, port))
                _followers.Add((host.ToString(), port));
        }

        if (inStep >= _followers.Count)
            return null;

        foreach (var follower in _followers)
        {
            var found = false;
            foreach (var line in info.AsSpan().EnumerateLines())
            {
                found |= TryParseReplica(line, out var host, out var port, out var online, out var lag) && online && lag <= MaxLagSeconds
                    && port == follower.Port && host.SequenceEqual(follower.Host);
            }

            if (!found)
                (missing ??= []).Add(follower);
        }

        return missing;
    }

    bool Follows(ReadOnlySpan<char> host, int port)
    {
        foreach (var follower in _followers)
        {
            if (follower.Port == port && host.SequenceEqual(follower.Host))
                return true;
        }

        return false;
    }

    async Task HoldAsync(List<(string Host, int Port)> missing)
    {
        var since = TimeProvider.System.GetTimestamp();
        do
        {
            if (session.IsReplaced)
                throw ServerSession.Untrusted();

            // The replicas first: one that is promoted after it has answered had not got what it was asked about, as any that lags.
            var promoted = await Task.WhenAll(missing.Select(x => Task.Run(() => SaysPrimary(x)))).ConfigureAwait(false);
            var verdict = await sentinels.AskAsync().ConfigureAwait(false);
            if (session.IsReplaced)
                throw ServerSession.Untrusted();
            if (verdict is { IsMajority: true, IsFailover: false } && !promoted.Contains(true))
            {
                // Restarted, cut off or slow: counted again when it is back.
                lock (_followers)
                    _followers.ExceptWith(missing);
                return;
            }

            await Task.Delay(Pause).ConfigureAwait(false);
        }
        while (TimeProvider.System.GetElapsedTime(since) < HoldTimeout);

        throw ServerSession.Untrusted();
    }

    bool SaysPrimary((string Host, int Port) replica)
    {
        try
        {
            using var connection = DirectConnection.Open(SentinelWatch.EndPointOf(replica.Host, replica.Port), options, 0, ReplicaTimeout);
            return IsPrimary((string?)connection.Execute("INFO", ["replication"]) ?? "");
        }
        catch (Exception exception) when (exception is RedisServerException || RedisErrors.IsTransient(exception))
        {
            return false;
        }
    }

    public static bool IsPrimary(string info) => info.Contains("role:master", StringComparison.Ordinal);

    /// <summary><c>slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=0</c></summary>
    static bool TryParseReplica(ReadOnlySpan<char> line, out ReadOnlySpan<char> host, out int port, out bool online, out int lag)
    {
        host = default;
        port = lag = 0;
        online = false;
        if (!line.StartsWith("slave", StringComparison.Ordinal) || line.IndexOf(":ip=", StringComparison.Ordinal) is not (> 0 and var colon))
            return false;

        var fields = line[(colon + 1)..];
        foreach (var range in fields.Split(','))
        {
            var field = fields[range];
            if (field.StartsWith("ip=", StringComparison.Ordinal))
                host = field[3..];
            else if (field.StartsWith("port=", StringComparison.Ordinal))
                _ = int.TryParse(field[5..], NumberStyles.None, CultureInfo.InvariantCulture, out port);
            else if (field.StartsWith("state=", StringComparison.Ordinal))
                online = field[6..].SequenceEqual("online");
            else if (field.StartsWith("lag=", StringComparison.Ordinal))
                _ = int.TryParse(field[4..], NumberStyles.Integer, CultureInfo.InvariantCulture, out lag);
        }

        return true;
    }
}
