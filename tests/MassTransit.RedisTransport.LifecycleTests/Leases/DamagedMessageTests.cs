using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.LifecycleTests.Leases;

/// <summary>What cannot be read is kept as it is for an operator, and the queue goes on.</summary>
public sealed class DamagedMessageTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Fact]
    public async Task Damaged_record_goes_to_the_error_queue_byte_for_byte()
    {
        byte[] damaged = [9, 0, 255, 1, 2, 3, 0, 200, 13, 10];
        var record = await RunAsync("damaged", async (server, key) =>
            await server.Database.HashSetAsync(server.Keys("damaged").Messages, key, damaged));

        Assert.Equal(damaged, record.Body.ToArray());
        Assert.Contains(record.Headers, x => x.Key == "MT-Reason" && "unreadable".Equals(x.Value));
    }

    [Fact]
    public async Task Truncated_record_goes_to_the_error_queue_byte_for_byte()
    {
        byte[] truncated = [];
        var record = await RunAsync("truncated", async (server, key) =>
        {
            var whole = (byte[])(await server.Database.HashGetAsync(server.Keys("truncated").Messages, key))!;
            truncated = whole[..20];
            await server.Database.HashSetAsync(server.Keys("truncated").Messages, key, truncated);
        });

        Assert.Equal(truncated, record.Body.ToArray());
    }

    [Fact]
    public async Task Message_whose_body_is_missing_goes_to_the_error_queue_with_the_reason()
    {
        var record = await RunAsync("missing", async (server, key) =>
            Assert.True(await server.Database.HashDeleteAsync(server.Keys("missing").Messages, key)));

        Assert.Equal(0, record.Body.Length);
        Assert.Contains(record.Headers,
            x => x.Key == "MT-Fault-Message" && x.Value.ToString()!.Contains("missing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Body_that_no_serializer_reads_goes_to_the_error_queue_byte_for_byte()
    {
        byte[] foreign = [0, 159, 146, 150, 255, 254, 0, 1];
        var record = await RunAsync("foreign", async (server, key) =>
        {
            var whole = (byte[])(await server.Database.HashGetAsync(server.Keys("foreign").Messages, key))!;
            Assert.True(MessageRecord.TryParse(whole, out var parsed));
            var changed = new MessageRecord
            {
                MessageId = parsed.MessageId,
                ContentType = parsed.ContentType,
                Headers = parsed.Headers,
                Body = foreign
            };
            await server.Database.HashSetAsync(server.Keys("foreign").Messages, key, changed.Pack());
        });

        Assert.Equal(foreign, record.Body.ToArray());
        Assert.Contains(record.Headers, x => x.Key == "MT-Fault-ExceptionType");
    }

    [Fact]
    public async Task Member_that_no_script_wrote_does_not_stop_the_queue()
    {
        var received = new Inbox<int>();
        var prefix = TestNames.Unique("member");
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        await server.Database.SortedSetAddAsync(server.Keys("strange").Ready, "hello, world", 0);
        await using var app = await StartAsync(prefix, "strange", received);

        for (var i = 1; i <= 5; i++)
            await app.SendAsync("strange", new Ping(i));
        await received.WaitAsync(5);
        Assert.Equal([1, 2, 3, 4, 5], received.Items.Order());
    }

    /// <summary>Sends three, damages the middle one, receives; returns what came to the error queue.</summary>
    async Task<MessageRecord> RunAsync(string queue, Func<ServerSide, RedisValue, Task> damage)
    {
        var received = new Inbox<int>();
        var prefix = TestNames.Unique("damage");
        await using var server = await ServerSide.ConnectAsync(redis.Server, prefix);
        await using (var sender = await TestApp.StartAsync(redis.Server, x => x.Prefix = prefix))
        {
            for (var i = 1; i <= 3; i++)
                await sender.SendAsync(queue, new Ping(i));
        }

        var middle = (await server.Database.SortedSetRangeByRankAsync(server.Keys(queue).Ready))[1];
        await damage(server, middle);
        await using var app = await StartAsync(prefix, queue, received);

        await received.WaitAsync(2);
        await server.EmptyAsync(queue);
        Assert.Equal([1, 3], received.Items.Order());
        return Assert.Single(await server.ReadAsync($"{queue}_error")).Record;
    }

    Task<TestApp> StartAsync(string prefix, string queue, Inbox<int> received) => TestApp.StartAsync(redis.Server, x =>
    {
        x.Prefix = prefix;
        x.Bus = (_, cfg) => cfg.ReceiveEndpoint(queue, e => e.Handler<Ping>(context =>
        {
            received.Add(context.Message.Number);
            return Task.CompletedTask;
        }));
    });
}
