using MassTransit;

namespace Snippets;

public static class AdministrationUse
{
    public static async Task LookAsync()
    {
        await using var redis = RedisAdministration.Connect("redis://localhost:6379/0", keyPrefix: "shop");

        foreach (var finding in await redis.Findings.CheckAsync())
            Console.WriteLine($"{finding.Severity}: {finding.Sentence} {finding.Cure} ({finding.Command})");

        foreach (var receiver in await redis.Queues.ListReceiversAsync("order-hooks"))
            Console.WriteLine($"{receiver.DisplayName}: heard of {receiver.Silence} ago, {receiver.ActiveWorkers} of "
                + $"{receiver.WorkerLimit} workers, {receiver.OutRate:0}/s");

        foreach (var minute in await redis.Queues.GetHistoryAsync("order-hooks", TimeSpan.FromHours(1)))
            Console.WriteLine($"{minute.Minute:HH:mm} ready {minute.Ready}, dead {minute.DeadLetters}, consumed {minute.Completed}");
    }
}
