using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>How the connection follows the primary that the Sentinels name.</summary>
internal sealed partial class RedisConnection
{
    /// <summary>
    /// Connects to exactly the server that the sentinels name. The client by itself would use any server that calls itself primary.
    /// </summary>
    async Task<IConnectionMultiplexer> SentinelMultiplexerAsync()
    {
        var sentinels = _sentinels ??= Watch();
        TaskCompletionSource renamed;
        lock (_gate)
            renamed = _renamed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var named = (await sentinels.AskAsync().ConfigureAwait(false)).Primary ?? throw new RedisTransportException(
            $"None of the Sentinels at {_settings.DisplayAddress} names the primary of '{sentinels.Service}'. Check that they run, that "
            + "the name is the one they monitor (SENTINEL MASTERS), and that nothing between blocks their ports.")
        { IsTransient = true };

        if (_multiplexer is { } known)
        {
            if (named.Equals(_primary))
                return known;
            _multiplexer = null;
            Leave(known);
        }

        var options = CreateOptions();
        options.ServiceName = null;
        options.EndPoints.Clear();
        options.EndPoints.Add(named);
        // Disables the channel of other clients' reconfigurations, which concerns only clients that choose the server themselves.
        options.ConfigurationChannel = "";
        options.TieBreaker = "";
        var connecting = ConnectionMultiplexer.ConnectAsync(options);
        if (await Task.WhenAny(connecting, renamed.Task).ConfigureAwait(false) != connecting)
        {
            _ = connecting.ContinueWith(static x => x.IsCompletedSuccessfully
                ? x.Result.DisposeAsync().AsTask() : Task.FromResult(x.Exception),
                CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw ServerSession.Untrusted();
        }

        var multiplexer = await connecting.ConfigureAwait(false);
        multiplexer.ConnectionRestored += OnRestored;
        _primary = named;
        return _multiplexer = multiplexer;
    }

    SentinelWatch Watch()
    {
        var sentinels = new SentinelWatch(_settings.Options, DefaultCallTimeout / 2);
        sentinels.Changed += OnRenamed;
        return sentinels;
    }

    /// <summary>Handles another primary. Answers of the old one are not trusted any more.</summary>
    void OnRenamed()
    {
        ServerSession? replaced;
        TaskCompletionSource renamed;
        lock (_gate)
        {
            renamed = _renamed;
            replaced = _session;
            if (replaced is null || replaced.Primary is { } primary && primary.Equals(_sentinels?.Primary))
                replaced = null;
            else
                _session = null;
        }

        renamed.TrySetResult();
        if (replaced is null)
            return;

        replaced.Replace();
        _ = Task.Run(ReopenAsync);
    }

    async Task ReopenAsync()
    {
        try
        {
            await GetSessionAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisTransportException or RedisException || RedisErrors.IsTransient(exception))
        {
            // The next caller that needs the connection tries again.
        }

        Restored?.Invoke();
    }

    void Leave(IConnectionMultiplexer multiplexer)
    {
        multiplexer.ConnectionRestored -= OnRestored;
        _ = Task.Run(async () =>
        {
            await Task.Delay(CloseDelay).ConfigureAwait(false);
            await multiplexer.DisposeAsync().ConfigureAwait(false);
        });
    }
}
