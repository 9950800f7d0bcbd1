using MassTransit.Webhooks.Tests.Support;

namespace MassTransit.Webhooks.Tests.Processing;

/// <summary>A sender that waits for what became of its webhook.</summary>
public sealed class ReplyTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    readonly Journal _journal = new();

    [Fact]
    public async Task Sender_gets_the_processors_answer_byte_for_byte()
    {
        await using var app = await StartAsync();
        byte[] body = [0, 255, 1, 2, 3];
        _journal.Answer = _ => WebhookResult.Success(body, new Dictionary<string, string> { ["content-type"] = "application/octet-stream" })
            with
        { ProcessingTime = TimeSpan.FromMilliseconds(42) };

        var reply = await AskAsync(app);

        Assert.Equal((WebhookStatus.Succeeded, TimeSpan.FromMilliseconds(42)), (reply.Status, reply.ProcessingTime));
        Assert.Equal(body, reply.Body);
        Assert.Equal("application/octet-stream", reply.Headers["content-type"]);
    }

    [Fact]
    public async Task Answer_without_a_time_has_that_of_the_batch()
    {
        await using var app = await StartAsync();

        var reply = await AskAsync(app);

        Assert.True(reply.ProcessingTime > TimeSpan.Zero);
        Assert.Empty(reply.Body);
        Assert.Empty(reply.Headers);
    }

    [Fact]
    public async Task Discarded_one_is_answered_with_the_reason()
    {
        await using var app = await StartAsync();
        _journal.Answer = _ => WebhookResult.Discard("Not ours.");

        var reply = await AskAsync(app);

        Assert.Equal((WebhookStatus.Discarded, "Not ours."), (reply.Status, reply.Reason));
    }

    [Fact]
    public async Task One_that_is_given_up_answers_with_the_fault()
    {
        await using var app = await StartAsync();
        _journal.Answer = _ => WebhookResult.Fail("Nobody knows this customer.");

        var fault = await Assert.ThrowsAsync<RequestFaultException>(() => AskAsync(app));

        Assert.Contains("Nobody knows this customer.", fault.Message, StringComparison.Ordinal);
    }

    static async Task<WebhookReply> AskAsync(WebhookApp app) =>
        (await app.Bus.CreateRequestClient<Webhook>(RequestTimeout.After(s: 20))
            .GetResponse<WebhookReply>(new Webhook { Id = "w" })).Message;

    Task<WebhookApp> StartAsync() => WebhookApp.OnRedisAsync(redis.Server, w => w.AddProcessor<SingleProcessor>(p =>
    {
        p.Retry(r => r.None());
        p.Redelivery(r => r.None());
    }), x => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(x, _journal));
}
