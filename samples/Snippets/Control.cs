using MassTransit;

namespace Snippets;

public static class Control
{
    public static async Task PauseAsync(IRedisQueues queues)
    {
        var by = new RedisActor("ops@web1", "PSP is down");
        await queues.PauseAsync("order-hooks", by, TimeSpan.FromHours(2));
        var progress = await queues.WaitForPauseAsync("order-hooks", TimeSpan.FromMinutes(1));
        await queues.SetLimitAsync("order-hooks", 50, by);
        await queues.ResumeAsync("order-hooks", by);
        await queues.ResetControlAsync("order-hooks", by);
    }
}
