using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Keyspace;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>Checks a server after each (re)connect, before it is used: settings that would lose messages, and rights that are missing.</summary>
internal sealed class ConnectionCheck(RedisConnectionSettings settings, ILogger logger)
{
    /// <summary>What the last check found, of several servers the worst; <c>null</c> before the first.</summary>
    public ServerFacts? Facts { get; private set; }

    /// <summary>True once the log has said that the user lacks rights to the channels of the prefix.</summary>
    public bool IsToldOfChannels { get; private set; }

    /// <exception cref="RedisTransportException">The server may delete messages, and that was not accepted.</exception>
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

    /// <summary>Publishes to a channel that nobody listens to. Scripts go on if a wake-up is refused, so that nobody would hear of it otherwise.</summary>
    async Task CheckChannelsAsync(IConnectionMultiplexer multiplexer)
    {
        var layout = new KeyLayout(settings.KeyPrefix, settings.Database);
        try
        {
            await multiplexer.GetDatabase(settings.Database).PublishAsync(layout.ProbeChannel, "").ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.Contains("NOPERM", StringComparison.Ordinal))
        {
            IsToldOfChannels = true;
            LogMessages.WakeUpRefused(logger, settings.DisplayAddress, layout.Prefix);
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            // Any other refusal is reported by what needs the server.
        }
    }
}
