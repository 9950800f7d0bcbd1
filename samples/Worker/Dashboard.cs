using MassTransit;

namespace Worker;

/// <summary>
/// The operators' page. Without policies it is closed in a container; Dashboard:Open gives every right to whoever reaches the port, which
/// is then for the network to decide. An application of yours names policies instead.
/// </summary>
static class Dashboard
{
    public static void MapDashboard(this WebApplication app) => app.MapRedisDashboard("/ops", o =>
    {
        if (app.Configuration.GetValue<bool>("Dashboard:Open"))
            o.UnsafelyOpenToEveryone();
        o.TraceUrl = app.Configuration["Dashboard:TraceUrl"];
    });
}
