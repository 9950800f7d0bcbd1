using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Testing;

namespace MassTransit.RedisTransport.BrokerTests;

public abstract partial class QueueEngineTests
{
    static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    [SkippableFact]
    public async Task Every_key_of_a_queue_that_deletes_itself_expires_with_it()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings(AutoDeleteOnIdle: Idle));
        await SendAsync(queue, "a", "b", "c", "d");
        await AssertExpiresAsync(queue);
        await queue.SendAsync(Message("later", delay: TimeSpan.FromMinutes(1)) with
        {
            CancelToken = "t",
            DedupeId = "d",
            DedupeWindow = TimeSpan.FromMinutes(1)
        });
        await AssertExpiresAsync(queue);
        var messages = await LeaseAsync(queue, 4);
        await AssertExpiresAsync(queue);
        await queue.RenewAsync([messages[0].Lease], Lease);
        await queue.ReleaseAsync([messages[0].Lease], TimeSpan.Zero, failedDelivery: true);
        await queue.ReleaseAsync([messages[1].Lease], TimeSpan.FromMinutes(1), failedDelivery: false);
        await AssertExpiresAsync(queue);
        await EndDelaysAsync(queue);
        await EndLeasesAsync(queue, messages[2]);
        await LeaseAsync(queue);
        await AssertExpiresAsync(queue);
        await queue.SettleAsync(messages[3].Lease);
        await queue.RemoveAsync([messages[0].Key.ToString()]);
        await queue.CancelAsync("t");
        await AssertExpiresAsync(queue);
        await AssertInvariantsAsync(queue);
    }

    [SkippableFact]
    public async Task An_idle_queue_is_gone_and_what_is_sent_to_it_is_passed_over()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings(AutoDeleteOnIdle: TimeSpan.FromSeconds(1)));
        await queue.SendAsync(Message("m"), onlyIfExists: true);

        await Eventually.TrueAsync(async () => !(await queue.CountAsync()).Exists);

        await AssertNothingLeftAsync(queue);
        Assert.False(await queue.TouchAsync());
        Assert.Equal(SendOutcome.QueueGone, await queue.SendAsync(Message("m"), onlyIfExists: true));
    }

    [SkippableFact]
    public async Task Senders_do_not_keep_a_queue_alive_whose_receiver_is_gone()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings(AutoDeleteOnIdle: TimeSpan.FromSeconds(1)));

        // It would live for ever if each send gave it another second.
        await Eventually.TrueAsync(async () => await queue.SendAsync(Message("m"), onlyIfExists: true) == SendOutcome.QueueGone);

        await AssertNothingLeftAsync(queue);
    }

    [SkippableTheory]
    [InlineData("touch")]
    [InlineData("lease")]
    [InlineData("renew")]
    [InlineData("declare")]
    public async Task A_receiver_keeps_its_queue_alive(string by)
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings(AutoDeleteOnIdle: Idle));
        await SendAsync(queue, "a", "b");
        var message = Assert.Single(await LeaseAsync(queue, 1));
        foreach (var key in queue.Keys.All)
            await Raw.KeyExpireAsync(key, TimeSpan.FromMinutes(1));

        switch (by)
        {
            case "touch":
                Assert.True(await queue.TouchAsync());
                break;
            case "lease":
                await LeaseAsync(queue, 1);
                break;
            case "renew":
                await queue.RenewAsync([message.Lease], Lease);
                break;
            default:
                await queue.DeclareAsync(new QueueSettings(AutoDeleteOnIdle: Idle));
                break;
        }

        Assert.InRange((await Raw.KeyTimeToLiveAsync(queue.Keys.Meta))!.Value, Idle - TimeSpan.FromMinutes(1), Idle);
        await AssertExpiresAsync(queue);
    }

    [SkippableFact]
    public async Task A_queue_declared_to_stay_stays()
    {
        var queue = NewQueue();
        await queue.DeclareAsync(new QueueSettings(AutoDeleteOnIdle: Idle));
        await SendAsync(queue, "a", "b");
        await LeaseAsync(queue, 1);

        await queue.DeclareAsync(new QueueSettings());
        await SendAsync(queue, "c");

        foreach (var key in queue.Keys.All)
            Assert.Null(await Raw.KeyTimeToLiveAsync(key));
    }

    [SkippableFact]
    public async Task What_a_queue_remembers_of_senders_and_tokens_expires()
    {
        var queue = NewQueue();
        await queue.SendAsync(Message("m", delay: TimeSpan.FromMinutes(5)) with
        {
            CancelToken = "t",
            DedupeId = "d",
            DedupeWindow = TimeSpan.FromMinutes(3)
        });

        Assert.InRange((await Raw.KeyTimeToLiveAsync(queue.Keys.Token("t")))!.Value, TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(65));
        Assert.InRange((await Raw.KeyTimeToLiveAsync(queue.Keys.Dedupe("d")))!.Value, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(3));
        await queue.CancelAsync("t");
        Assert.NotNull(await Raw.KeyTimeToLiveAsync(queue.Keys.Token("t")));
    }

    /// <summary>Where the clock goes on while a script runs, the last key may outlive the first by a moment.</summary>
    Task AssertNothingLeftAsync(MessageQueue queue) =>
        Eventually.TrueAsync(async () => !(await Task.WhenAll(queue.Keys.All.Select(x => Raw.KeyExistsAsync(x)))).Contains(true));

    /// <summary>Every key that exists has an expiry, and all have the same, to the millisecond it took to ask.</summary>
    async Task AssertExpiresAsync(MessageQueue queue)
    {
        var lives = new List<TimeSpan>();
        foreach (var key in queue.Keys.All)
        {
            if (await Raw.KeyExistsAsync(key))
                lives.Add(await Raw.KeyTimeToLiveAsync(key) ?? throw new InvalidOperationException($"{key} never expires."));
        }

        Assert.NotEmpty(lives);
        Assert.All(lives, x => Assert.InRange(x, Idle - TimeSpan.FromMinutes(1), Idle));
    }
}
