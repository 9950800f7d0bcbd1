using System.Diagnostics;
using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>The state that one sentinel reports.</summary>
/// <param name="Primary">The primary that it names.</param>
/// <param name="Epoch">The number of the configuration. Each failover has a higher one.</param>
/// <param name="IsFailover">True while it carries out a failover, already before the promotion.</param>
/// <param name="Sentinels">How many sentinels there are, including itself.</param>
/// <param name="Others">The addresses of the others.</param>
internal sealed record SentinelView(EndPoint Primary, long Epoch, bool IsFailover, int Sentinels, EndPoint[] Others);

/// <summary>Watches one sentinel. A thread listens to it and asks it once a second, over its own connections.</summary>
internal sealed class SentinelNode : IDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The channels of a failover. After the first of these messages the sentinel already names the promoted replica; the last one ends the
    /// failover.
    /// </summary>
    static readonly RedisValue[] Channels = ["+promoted-slave", "+failover-state-reconf-slaves", "+switch-master"];

    readonly EndPoint _endpoint;
    readonly ConfigurationOptions _options;
    readonly string _service;
    readonly TimeSpan _timeout;
    readonly Action<SentinelView, bool> _heard;
    readonly Lock _asking = new();
    DirectConnection? _questions;
    DirectConnection? _news;
    long _heardAt;
    volatile bool _disposed;

    public SentinelNode(EndPoint endpoint, ConfigurationOptions options, string service, TimeSpan timeout, Action<SentinelView, bool> heard)
    {
        _endpoint = endpoint;
        _options = options;
        _service = service;
        _timeout = timeout;
        _heard = heard;
        new Thread(Listen, maxStackSize: 256 * 1024)
        {
            IsBackground = true,
            Name = $"MassTransit Sentinel {DirectConnection.TextOf(endpoint)}"
        }.UnsafeStart();
    }

    /// <summary>The last state that it reported, however old.</summary>
    public SentinelView? View { get; private set; }

    /// <summary>The age of that state.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_heardAt);

    /// <summary>Asks the sentinel; this blocks. Returns <c>null</c> if it does not answer or does not know the name.</summary>
    public SentinelView? Ask()
    {
        lock (_asking)
        {
            if (_disposed)
                return null;
            for (var fresh = false; ; fresh = true)
            {
                try
                {
                    fresh |= _questions is not { IsBroken: false };
                    if (fresh)
                    {
                        _questions?.Dispose();
                        _questions = Open();
                    }

                    var view = Read(_questions!);
                    if (view is not null)
                        (View, _heardAt) = (view, Stopwatch.GetTimestamp());
                    return view;
                }
                catch (Exception exception)
                    when (exception is RedisServerException or FormatException || RedisErrors.IsTransient(exception))
                {
                    _questions?.Dispose();
                    // An older connection may have been closed by the other side, so a new one is tried.
                    if (fresh || _disposed)
                        return null;
                }
            }
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _news?.Dispose();
        _questions?.Dispose();
    }

    void Listen()
    {
        while (!_disposed)
        {
            try
            {
                using var news = _news = Open();
                news.Send("SUBSCRIBE", Channels);
                var quiet = 0;
                while (!_disposed)
                {
                    if (Ask() is { } view)
                        _heard(view, true);
                    if (!news.Waits(Interval))
                    {
                        // Sends a PING now and then. If no answer arrives, the connection is dead.
                        if (++quiet % 10 == 0)
                            news.Send("PING", []);
                        if (quiet > 15)
                            break;
                        continue;
                    }

                    quiet = 0;
                    news.Receive();
                }
            }
            catch (Exception exception) when (exception is RedisServerException || RedisErrors.IsTransient(exception) || _disposed)
            {
                // The sentinel cannot be reached, or is not started yet.
            }

            if (!_disposed)
                OwnThread.Sleep(Interval);
        }
    }

    DirectConnection Open()
    {
        var connection = DirectConnection.OpenBare(_endpoint, _options, _timeout);
        try
        {
            if (_options.Password is { Length: > 0 } password)
            {
                try
                {
                    connection.Execute("AUTH", _options.User is { Length: > 0 } user ? [user, password] : [password]);
                }
                catch (RedisServerException)
                {
                    // Sentinels often have no password even if the servers have one. If this sentinel needs one, the next command fails
                    // with that error.
                }
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    SentinelView? Read(DirectConnection connection)
    {
        if ((RedisValue[]?)connection.Execute("SENTINEL", ["get-master-addr-by-name", _service]) is not [var host, var port])
            return null;

        var fields = Fields(connection.Execute("SENTINEL", ["master", _service]));
        var others = (RedisResult[])connection.Execute("SENTINEL", ["sentinels", _service])!;
        var epoch = long.Parse(fields.GetValueOrDefault("config-epoch", "0"), CultureInfo.InvariantCulture);
        // The sentinel that carries out the failover names the promoted replica before it tells the others, so its state is newer than
        // theirs.
        if (host != fields.GetValueOrDefault("ip") || port != fields.GetValueOrDefault("port"))
            epoch++;
        return new SentinelView(
            SentinelWatch.EndPointOf(host.ToString(), (int)port),
            epoch,
            fields.GetValueOrDefault("flags", "").Contains("failover_in_progress", StringComparison.Ordinal),
            others.Length + 1,
            [.. others.Select(Fields).Where(x => x.ContainsKey("ip") && x.ContainsKey("port"))
                .Select(x => SentinelWatch.EndPointOf(x["ip"], int.Parse(x["port"], CultureInfo.InvariantCulture)))]);
    }

    static Dictionary<string, string> Fields(RedisResult reply)
    {
        var pairs = (RedisValue[]?)reply ?? [];
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < pairs.Length; i += 2)
            fields[pairs[i].ToString()] = pairs[i + 1].ToString();
        return fields;
    }
}
