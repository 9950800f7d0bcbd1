using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.Tests.Bundles;

/// <summary>A bundle that a bug or a stray tool has changed: kept whole, and nothing of it is run.</summary>
public sealed class DamagedBundleTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();
    readonly string _prefix = TestNames.Unique("damaged");

    public static TheoryData<string> Damages => ["count too low", "count too high", "count of gigabytes", "no count", "bytes left over",
        "bytes cut off", "no bytes", "identities cut off", "fewer than sent"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damaged_bundle_becomes_a_dead_letter_at_once_whole_and_counted(string damage)
    {
        await using var app =
            await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "hooks"));
        var webhooks = Enumerable.Range(0, 30).Select(x => new Webhook { Id = $"{x}" }).ToArray();
        var packed = WebhookPacker.Pack(webhooks);
        var bundle = damage switch
        {
            "count too low" => new WebhookBundle { Count = 3, Webhooks = packed },
            "count too high" => new WebhookBundle { Count = 31, Webhooks = packed },
            "count of gigabytes" => new WebhookBundle { Count = 2_000_000_000, Webhooks = packed },
            "no count" => new WebhookBundle { Webhooks = packed },
            "bytes left over" => new WebhookBundle { Count = 30, Webhooks = [.. packed, 1, 2, 3] },
            "bytes cut off" => new WebhookBundle { Count = 30, Webhooks = packed[..^1] },
            "no bytes" => new WebhookBundle { Count = 30, Webhooks = null! },
            "identities cut off" => new WebhookBundle { Count = 30, Webhooks = packed, Identities = [4, 0xFF, 0xFF, 0xFF, 0x7F] },
            _ => new WebhookBundle { Count = 3, Webhooks = WebhookPacker.Pack(webhooks[..3]) },
        };

        await app.Bus.Publish(bundle, x => app.Services.GetOfBus<IBus, IBundlePublishing>().SetMessageCount(x, 30));

        await Eventually.TrueAsync(async () => await app.Queue.GetMetricsAsync() is
        {
            DeadLetters: 30, QueueSize: 0, Processing: 0,
            Delayed: 0
        }, message: "30 dead letters in one");
        Assert.Empty(_journal.Seen);
        var letter = Assert.Single((await app.DeadLetters.ListAsync("hooks")).Entries);
        Assert.Null(letter.Webhook);
        Assert.Contains("damaged", letter.FaultMessage, StringComparison.Ordinal);
        if (bundle.Webhooks is not null)
            Assert.Contains(Convert.ToBase64String(bundle.Webhooks), System.Text.Encoding.UTF8.GetString(letter.MessageBody.Span)
                .Replace("\\u002B", "+", StringComparison.Ordinal), StringComparison.Ordinal);

        Assert.Equal(30, await app.DeadLetters.PurgeAllAsync("hooks"));
    }

    [Fact]
    public async Task Bundle_that_was_moved_without_its_count_is_processed()
    {
        await using var app =
            await RedisApp.StartAsync(redis.Server, _prefix, _journal, w => w.AddProcessor<SingleProcessor>(p => p.QueueName = "hooks"));
        var webhooks = Enumerable.Range(0, 30).Select(x => new Webhook { Id = $"{x}" }).ToArray();

        await app.Bus.Publish(new WebhookBundle { Count = 30, Webhooks = WebhookPacker.Pack(webhooks) });

        await _journal.SawAsync(30);
        Assert.Equal(30, _journal.Seen.Select(x => x.Webhook.Id).Distinct().Count());
    }
}
