using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.FaultTests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Consumers;

/// <summary>
/// Machines whose clocks are minutes apart. The sources cannot read a clock but through a time provider (banned symbols).
/// </summary>
public sealed class WrongClockTests(ITestOutputHelper output) : FaultTest(output)
{
    static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(500), Delay = TimeSpan.FromMilliseconds(400);

    [SkippableTheory]
    [InlineData(-5, 5)]
    [InlineData(5, -5)]
    public async Task Leases_and_delays_are_the_servers_whatever_clients_think_the_time_is(int senderMinutes, int receiverMinutes)
    {
        Server.SkipIfNotControllable();
        await using var sender = Engine(senderMinutes);
        await using var receiver = Engine(receiverMinutes);
        var record = new MessageRecord { MessageId = Guid.NewGuid(), ContentType = "text/plain", Body = "body"u8.ToArray() }.Pack();
        await sender.Queue(Queue).SendAsync(new OutgoingMessage(record, Delay: Delay));
        Assert.Equal(1, (await Probe.ReadAsync()).Delayed);
        var due = Assert.Single(await receiver.Queue(Queue).PeekAsync(MessageState.Delayed, 0, 10)).Score;

        var first = await LeaseAsync(sender.Queue(Queue).CreateReader());
        Assert.True(first.ServerTime >= due, "The message was delivered before the server's clock said so.");
        var end = Assert.Single(await sender.Queue(Queue).PeekAsync(MessageState.Leased, 0, 10)).Score;
        Assert.Equal(first.ServerTime + Lease.TotalMilliseconds, end);

        var second = await LeaseAsync(receiver.Queue(Queue).CreateReader());
        Assert.True(second.ServerTime >= end, "The lease ended before the server's clock said so.");
        Assert.Equal(1, second.Messages[0].DeliveryCount);
        Assert.False(await sender.Queue(Queue).SettleAsync(first.Messages[0].Lease));
        Assert.True(await receiver.Queue(Queue).SettleAsync(second.Messages[0].Lease));
        await Probe.EmptyAsync();
    }

    static async Task<LeaseResult> LeaseAsync(LeaseReader lane)
    {
        LeaseResult? result = null;
        await Eventually.TrueAsync(async () => (result = await lane.LeaseAsync(1, Lease)).Messages.Length == 1,
            message: "the message is leased");
        return result!;
    }

    QueueEngine Engine(int minutes) => new(new RedisConnectionSettings { Options = Server.ConfigurationOptions, KeyPrefix = Prefix },
        NullLogger.Instance, new ShiftedTime(TimeSpan.FromMinutes(minutes)));

    sealed class ShiftedTime(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
    }
}
