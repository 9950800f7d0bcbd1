using System.Net.Sockets;
using MassTransit.Webhooks.Samples.Tests.Support;

namespace MassTransit.Webhooks.Samples.Tests;

/// <summary>
/// What the ingress tells of itself, it tells where senders do not come; and it does so also while they hold all the connections there are.
/// </summary>
public class ManagementTests
{
    static Task<SampleProcess> StartAsync(params (string, string)[] more) => SampleProcess.StartAsync("Ingress",
    [
        // Health and metrics need no Redis to answer.
        ("REDIS_URL", "redis://127.0.0.1:1"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
        ("Webhooks__Receivers__github__Secrets__0", Sender.GitHubSecret), ("Webhooks__Receivers__orders__Secrets__0", Sender.OrdersSecret),
        .. more,
    ]);

    [Fact]
    public async Task Metrics_and_health_are_on_their_own_port_alone()
    {
        await using var ingress = await StartAsync();
        using var senders = new Sender(await ingress.AddressAsync());
        using var operators = new Sender(await ingress.ManagementAddressAsync());
        Assert.Equal(200, (await operators.GetAsync("/health/live")).Status);
        Assert.Equal(200, (await operators.GetAsync("/metrics")).Status);
        Assert.Contains((await operators.GetAsync("/health/ready")).Status, new[] { 200, 503 });
        foreach (var path in new[] { "/health/live", "/health/ready", "/metrics" })
            Assert.Equal(404, (await senders.GetAsync(path)).Status);

        Assert.Equal(401, (await senders.SendGitHubAsync("1", secret: "another-secret-of-a-sender")).Status);
        Assert.Equal(404, (await operators.SendGitHubAsync("1")).Status);
    }

    [Fact]
    public async Task Strangers_who_hold_all_connections_keep_no_probe_out()
    {
        const int most = 20;
        await using var ingress = await StartAsync(("Limits__Connections", $"{most}"));
        var address = await ingress.AddressAsync();
        var held = new List<Socket>();
        try
        {
            for (var i = 0; i < most; i++)
            {
                held.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await held[i].ConnectAsync(address.Host, address.Port);
            }

            using var operators = new Sender(await ingress.ManagementAddressAsync());
            Assert.Equal(200, (await operators.GetAsync("/health/live")).Status);
            using (var refused = new Sender(address))
                await Eventually.TrueAsync(() => IsRefusedAsync(refused));
        }
        finally
        {
            held.ForEach(x => x.Dispose());
        }

        using var sender = new Sender(address);
        await Eventually.TrueAsync(async () => !await IsRefusedAsync(sender));
    }

    [Fact]
    public async Task Port_that_is_not_its_own_is_named_with_the_cure()
    {
        await using var ingress = await StartAsync(("ASPNETCORE_URLS", "http://127.0.0.1:18081"), ("MANAGEMENT_URL", "http://*:18081"));
        Assert.True(await ingress.ExitCodeAsync() == 2, ingress.Output);
        Assert.Contains(ingress.Lines, x => x.Contains("MANAGEMENT_URL", StringComparison.Ordinal));
    }

    static async Task<bool> IsRefusedAsync(Sender sender)
    {
        try
        {
            await sender.GetAsync("/");
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }
}
