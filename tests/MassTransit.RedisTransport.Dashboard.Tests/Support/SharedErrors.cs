using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.Dashboard.Tests.Support;

/// <summary>A message of these tests.</summary>
public sealed record Order(int Number);

/// <summary>
/// An application whose queues ann-orders and bob-orders have one error queue, in which as many dead letters of each lie. A user sees the
/// queues that begin with their name.
/// </summary>
public sealed class SharedErrors : IErrorQueueNameFormatter
{
    static readonly string[] Queues = ["ann-orders", "bob-orders"];

    readonly string _name;

    SharedErrors(string name) => _name = name;

    public string FormatErrorQueueName(string queueName) => _name;

    public static async Task<DashboardHost> StartAsync(TestServer server, string shared, int sends,
        Action<RedisDashboardOptions>? configure = null)
    {
        var host = await DashboardHost.StartAsync(server, x =>
        {
            x.Environment = "Production";
            x.Services = TestSignIn.Add;
            x.Dashboard = dashboard =>
            {
                TestSignIn.UsePolicies(dashboard);
                dashboard.Visible = (user, queue) => queue.StartsWith(user.Identity!.Name!, StringComparison.Ordinal);
                configure?.Invoke(dashboard);
            };
            x.Bus = (_, cfg) =>
            {
                cfg.SendTopology.ErrorQueueNameFormatter = new SharedErrors(shared);
                foreach (var queue in Queues)
                    cfg.ReceiveEndpoint(queue, e => e.Handler<Order>(_ => throw new InvalidOperationException("refused")));
            };
        });
        foreach (var queue in Queues)
        {
            var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"queue:{queue}"));
            for (var i = 0; i < sends; i++)
                await endpoint.Send(new Order(i));
        }

        await Eventually.EqualAsync(2L * sends, () => host.Seeds.CountAsync(shared));
        return host;
    }
}
