using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>Checks a server after each connect and before its use, for settings that would lose messages and for missing rights.</summary>
internal sealed class ConnectionCheck(RedisConnectionSettings settings, ILogger logger)
{
    /// <summary>The result of the last check, with the worst value of several servers; <c>null</c> before the first check.</summary>
    public ServerFacts? Facts { get; private set; }

    /// <summary>True after the log has reported that the user lacks rights to the channels of the prefix.</summary>
    public bool IsToldOfChannels { get; private set; }

    /// <exception cref="RedisTransportException">The server may delete messages, and the configuration does not accept that.</exception>
    public async Task RunAsync(IConnectionMultiplexer multiplexer)
    {
        var facts = ServerFacts.Worst(await ServerFacts.ReadAsync(multiplexer).ConfigureAwait(false));
        var known = Facts;
        Facts = facts;
        if (facts.MayEvict)
        {
            if (!settings.AllowEvictionPolicy)
                throw new RedisTransportException(facts.EvictionCure(settings.DisplayAddress));
            if (known?.EvictionPolicy != facts.EvictionPolicy)
                LogMessages.EvictionAllowed(logger, settings.DisplayAddress, facts.EvictionPolicy!);
        }

        if (facts.Persistent is false && known?.Persistent is not false)
            LogMessages.NotPersistent(logger, settings.DisplayAddress);
        if (!IsToldOfChannels)
            await CheckChannelsAsync(multiplexer).ConfigureAwait(false);
    }

    /// <summary>
    /// Publishes to a channel without listeners to check the right to publish. Scripts ignore a refused wake-up, so the missing right would
    /// not be noticed otherwise.
    /// </summary>
    async Task CheckChannelsAsync(IConnectionMultiplexer multiplexer)
    {
        var layout = new KeyLayout(settings.KeyPrefix, settings.Database);
        try
        {
            await multiplexer.GetDatabase(settings.Database).PublishAsync(layout.ProbeChannel, "").ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (RedisErrors.IsNoPermission(exception))
        {
            IsToldOfChannels = true;
            LogMessages.WakeUpRefused(logger, settings.DisplayAddress, layout.Prefix);
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            // Any other refusal is reported by the code that needs the right.
        }
    }
}
