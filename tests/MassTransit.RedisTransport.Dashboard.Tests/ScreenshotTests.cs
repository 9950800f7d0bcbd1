using System.Text;
using MassTransit.RedisTransport.Dashboard.Tests.Support;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>
/// The pictures of docs/dashboard.md: of pages that this test has filled. They are drawn again, and stored, if the variable
/// UPDATE_SCREENSHOTS is set; otherwise only that each can be drawn is tested.
/// </summary>
public sealed class ScreenshotTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    static readonly (string Name, string Path, bool IsDark)[] Pictures =
    [
        ("dashboard-now", "/ops", false),
        ("dashboard-queues", "/ops/queues", false),
        ("dashboard-queue", "/ops/queues/order-hooks", false),
        ("dashboard-failures", "/ops/dead/order-hooks_error", true),
        ("dashboard-letters", "/ops/dead/shop-hooks_error/messages", false),
        ("dashboard-replay", "/ops/dead/shop-hooks_error/replay?what=matching&property=receiver%3Dshop", false),
        ("dashboard-operation", "/ops/operations/{operation}", false),
        ("dashboard-trash", "/ops/trash/mail_error", false),
    ];

    [SkippableFact]
    public async Task Pages_of_the_documentation_can_be_drawn()
    {
        await using var host = await DashboardHost.StartAsync(redis.Server, x => x.Services = services =>
            services.AddRedisWebhookDescriber());
        await host.Seeds.DeadAsync("order-hooks", 60, n => new DeadSeed
        {
            Exception = n % 4 == 0 ? "System.TimeoutException" : "Shop.CardRefusedException",
            Message = n % 4 == 0 ? "The backend did not answer." : $"Card of order {4000 + n} was refused.",
            Stack = n % 4 == 0 ? "   at Shop.Backend.StoreAsync(Order order)" : "   at Shop.Payments.Charge(Card card)",
        });
        await host.Seeds.DeadAsync("shop-hooks", 120, Webhook);
        await host.Seeds.DeadAsync("mail", 6);
        var letters = (await host.Letters.ListAsync("mail_error")).Entries;
        await host.Services.GetRequiredService<IRedisTrash>().DiscardAsync("mail_error", [.. letters.Take(4).Select(x => x.Key)],
            new RedisActor("ops@web1", "doubles"));
        await host.Seeds.MessagesAsync("order-hooks", 1_200);
        await host.Seeds.MessagesAsync("shop-hooks", 3);
        await host.Seeds.MessagesAsync("mail", 41);
        var operation = await StartAsync(host);
        var queues = host.Services.GetRequiredService<IRedisQueues>();
        await queues.PauseAsync("order-hooks", new RedisActor("ops@web1", "PSP is down, PAY-123"), TimeSpan.FromMinutes(30));
        await Eventually.TrueAsync(async () => (await host.Letters.ListGroupsAsync("order-hooks_error")).NotGroupedYet == 0);

        var isKept = Environment.GetEnvironmentVariable("UPDATE_SCREENSHOTS") is { Length: > 0 };
        var folder = Path.Combine(Repository.Root, "docs", "images");
        if (isKept)
            Directory.CreateDirectory(folder);
        foreach (var (name, path, isDark) in Pictures)
        {
            await using var visit = await host.VisitAsync(x =>
            {
                x.ViewportSize = new ViewportSize { Width = 1100, Height = 640 };
                x.ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light;
            });
            await visit.GoAsync(path.Replace("{operation}", operation, StringComparison.Ordinal));
            var picture = await visit.Page.ScreenshotAsync(new PageScreenshotOptions
            {
                Path = isKept ? Path.Combine(folder, $"{name}.png") : null,
            });
            Assert.InRange(picture.Length, 5_000, 400_000);
        }
    }

    /// <summary>A replay that is on its way.</summary>
    static async Task<string> StartAsync(DashboardHost host)
    {
        await host.Seeds.DeadAsync("bank-hooks", 5_000);
        var operations = host.Services.GetRequiredService<IRedisOperations>();
        var replay = new RedisReplay("bank-hooks_error", RedisSelection.All) { Canary = 0, Rate = 200, MaxReady = null };
        var operation = await operations.StartReplayAsync(replay, new RedisActor("ann", "the bank is back, PAY-123"));
        await Eventually.TrueAsync(async () => (await operations.GetAsync(operation.Id))!.Done > 700);
        return operation.Id;
    }

    static DeadSeed Webhook(int n)
    {
        var (receiver, type) = n % 3 == 0 ? ("github", "push") : ("shop", n % 2 == 0 ? "order.paid" : "order.refunded");
        return new DeadSeed
        {
            Exception = n % 5 == 0 ? "System.TimeoutException" : "Shop.UnknownOrderException",
            Message = n % 5 == 0 ? "The backend did not answer." : $"There is no order {4000 + n}.",
            Body = Encoding.UTF8.GetBytes($$"""{"receiver":"{{receiver}}","eventType":"{{type}}","tenant":"acme","body":"e30="}"""),
        };
    }
}
