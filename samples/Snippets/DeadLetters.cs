using MassTransit;

namespace Snippets;

public static class DeadLetterUse
{
    public static void Register(IBusRegistrationConfigurator x)
    {
        x.AddRedisQueues();
    }

    public static async Task LookAndReplayAsync(IRedisDeadLetters deadLetters)
    {
        var page = await deadLetters.ListAsync("order-hooks_error", new RedisDeadLetterFilter { ExceptionType = "TimeoutException" });
        foreach (var letter in page.Entries)
            Console.WriteLine($"{letter.Key} {letter.FaultMessage}");

        await deadLetters.ReplayAsync("order-hooks_error", new RedisDeadLetterFilter { YoungerThan = TimeSpan.FromHours(1) });
        await deadLetters.PurgeAsync("order-hooks_error", new RedisDeadLetterFilter { OlderThan = TimeSpan.FromDays(30) });
    }
}
