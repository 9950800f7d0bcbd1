using System.Text;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests.Faults;

/// <summary>What tests with a server of their own have in common.</summary>
public abstract class FaultTests
{
    protected static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    internal static async Task<RedisServerProcess> StartAsync(Action<RedisServerOptions>? configure = null)
    {
        var options = new RedisServerOptions();
        configure?.Invoke(options);
        var server = new RedisServerProcess(options);
        await server.StartAsync();
        server.SkipIfUnavailable();
        return server;
    }

    internal static QueueEngine Connect(string connectionString, Action<RedisConnectionSettings>? configure = null, ILogger? logger = null)
    {
        var settings = new RedisConnectionSettings { Options = ConfigurationOptions.Parse(connectionString) };
        configure?.Invoke(settings);
        return new QueueEngine(settings, logger ?? NullLogger.Instance);
    }

    internal static OutgoingMessage Message(string text, byte priority = 0, TimeSpan delay = default) =>
        new(Encoding.UTF8.GetBytes(text), priority, delay);

    internal static string[] Texts(IEnumerable<LeasedMessage> messages) =>
        [.. messages.Select(x => Encoding.UTF8.GetString(x.Record!.Value.Span))];

    internal static async Task<LeasedMessage[]> LeaseAsync(MessageQueue queue, int limit = 1_000) =>
        (await queue.CreateReader().LeaseAsync(limit, Lease)).Messages;
}
