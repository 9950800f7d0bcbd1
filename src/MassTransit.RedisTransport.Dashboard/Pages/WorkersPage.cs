using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The processes that receive, as they say of themselves.</summary>
internal sealed class WorkersPage(IReadOnlyList<RedisReceiver> receivers) : Page
{
    public override string Title => "Workers";

    public override Section Section => Section.Workers;

    public override object Data => new { Receivers = receivers };

    public override void Write(Html html, OpsRequest request)
    {
        if (receivers.Count > 0)
        {
            Receivers.Write(html, request, receivers, withQueue: true);
            return;
        }

        html.Write($"""
            <p class="empty">No process receives. One that was stopped is not listed; one that has crashed is, for ten minutes.</p>
            """);
    }
}
