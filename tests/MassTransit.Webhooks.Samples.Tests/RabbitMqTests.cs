using MassTransit.Webhooks.Samples.Tests.Support;

namespace MassTransit.Webhooks.Samples.Tests;

/// <summary>The sample on a real RabbitMQ.</summary>
public class RabbitMqTests(SharedRabbitMq rabbitMq) : IClassFixture<SharedRabbitMq>
{
    [SkippableFact]
    public async Task Sample_on_RabbitMQ_accounts_for_every_webhook_and_says_what_it_cannot_do()
    {
        rabbitMq.Server.SkipIfUnavailable();
        await using var sample = await SampleProcess.StartAsync("RabbitMq", [("RABBITMQ_URL", rabbitMq.Server.ConnectionString)]);
        Assert.True(await sample.ExitCodeAsync(TimeSpan.FromSeconds(60)) == 0, sample.Output);
        Assert.Contains("490 processed, 10 dead-lettered: every webhook is accounted for.", sample.Lines);
        Assert.Contains(sample.Lines, x => x.Contains("RabbitMQ cannot", StringComparison.Ordinal));
    }
}
