using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>Bulk jobs on dead letters, the newest first: how far each is, and who has started it.</summary>
internal sealed class OperationsPage(IReadOnlyList<RedisOperation> operations) : Page
{
    public override string Title => "Operations";

    public override Section Section => Section.Operations;

    public override object Data => new { Operations = operations };

    public override void Write(Html html, OpsRequest request)
    {
        if (operations.Count == 0)
        {
            html.Write($"""<p class="empty">There was no operation in the last 30 days.</p>""");
            return;
        }

        Tables.Begin(html, "Operations", "Operation", "State", "#Done", "#Of", "#Missing", "#Failed again", "#Rate", "By", "Updated");
        foreach (var operation in operations)
        {
            html.Write($"""
                <tr><th scope="row">{operation.Kind.ToString()} of
                <a href="{request.Links.DeadQueue(operation.Queue)}">{operation.Queue}</a>
                <p class="sub">{operation.Selection}</p><p class="sub"><code>{operation.Id}</code></p></th>
                <td>{operation.State.ToString()}<p class="sub">{operation.Because}</p></td>
                <td class="n">{Formats.Count(operation.Done)}</td>
                <td class="n">{(operation.Total is { } total ? Formats.Count(total) : "–")}</td>
                <td class="n">{Formats.Count(operation.Missing)}</td>
                <td class="n">{Formats.Count(operation.FailedAgain)}</td>
                <td class="n">{(operation.Rate is { } rate ? $"{Formats.Count(rate)}/s" : "any")}</td>
                <td>{operation.By}<p class="sub">{operation.Reason}</p></td>
                <td>{Formats.When(operation.UpdatedAt, request.Now)}</td></tr>
                """);
        }

        Tables.End(html);
    }
}
