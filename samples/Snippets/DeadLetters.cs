using MassTransit.Webhooks;

namespace Snippets;

public static class DeadLetterUse
{
    public static async Task LookAndReplayAsync(IWebhookDeadLetters deadLetters)
    {
        var page = await deadLetters.ListAsync("order-hooks",
            new WebhookDeadLetterFilter { Receiver = "github", ExceptionType = "TimeoutException" });
        foreach (var letter in page.Entries)
            Console.WriteLine($"{letter.Key} {letter.Webhook?.EventType} {letter.FaultMessage}, "
                + $"first {letter.FirstFailedAt}, last {letter.LastFailedAt}");

        await deadLetters.ReplayAsync("order-hooks", new WebhookDeadLetterFilter { YoungerThan = TimeSpan.FromHours(1) });
        await deadLetters.PurgeAsync("order-hooks", new WebhookDeadLetterFilter { OlderThan = TimeSpan.FromDays(30) });
    }
}
