using System.Globalization;
using System.Net;
using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>
/// Checks that the server is still the primary. Between the promotion of a replica and its announcement by the sentinels two servers call
/// themselves primary, and writes that the old one confirms are lost. But the promoted replica leaves the old primary at once. So after
/// each answer the list of the server's replicas is read, once for all calls that wait. If a replica has left, nothing is confirmed until
/// that replica and a majority of the sentinels have said that there is no failover.
/// </summary>
internal sealed class PrimaryCheck(ServerSession session, SentinelWatch sentinels, ConfigurationOptions options)
{
    /// <summary>
    /// The longest accepted lag. A replica reports once a second; one that is silent for longer may have been promoted while this server
    /// was frozen.
    /// </summary>
    const int MaxLagSeconds = 1;

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan HoldTimeout = TimeSpan.FromSeconds(3);
    static readonly TimeSpan ReplicaTimeout = TimeSpan.FromMilliseconds(500);

    readonly IServer _server = session.Multiplexer.GetServer(session.Primary!);
    readonly Lock _gate = new();
    readonly HashSet<(string Host, int Port)> _followers = [];
    TaskCompletionSource? _waiting;
    bool _running;

    /// <summary>Completes when a check that began after this call has found the server to be the primary.</summary>
    /// <exception cref="RedisConnectionException">The server is not the primary, or that cannot be decided.</exception>
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

    /// <summary>Does the same over the caller's own connection, without the pool. It cannot wait for the sentinels.</summary>
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
                // The exception is handed to every call that waits.
                batch.TrySetException(exception);
                _ = batch.Task.Exception;
            }
        }
    }

    /// <summary>Reads the replicas once. It is also called before the first use of a server.</summary>
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
            // The user may not ask for the replicas. Only the sentinels can be used then.
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

    /// <summary>Returns the replicas that followed before and do not follow now.</summary>
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

            // The replicas are asked first. A replica that is promoted after its answer had not received the write, like any replica that
            // lags.
            var promoted = await Task.WhenAll(missing.Select(x => Task.Run(() => SaysPrimary(x)))).ConfigureAwait(false);
            var verdict = await sentinels.AskAsync().ConfigureAwait(false);
            if (session.IsReplaced)
                throw ServerSession.Untrusted();
            if (verdict is { IsMajority: true, IsFailover: false } && !promoted.Contains(true))
            {
                // The replica was restarted, cut off or slow. It is counted again when it is back.
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

    /// <summary>Parses a line such as <c>slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=0</c>.</summary>
    static bool TryParseReplica(ReadOnlySpan<char> line, out ReadOnlySpan<char> host, out int port, out bool online, out int lag)
    {
        host = default;
        port = lag = 0;
        online = false;
        if (!line.StartsWith("slave", StringComparison.Ordinal)
            || line.IndexOf(":ip=", StringComparison.Ordinal) is not (> 0 and var colon))
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
