using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>Bulk operations on dead letters, the newest first: how far each is, and who has started it.</summary>
internal sealed class OperationsPage(IReadOnlyList<RedisOperation> operations) : Page
{
    /// <summary>How many are updated while the page is open.</summary>
    const int MaxLive = 20;

    public override string Title => "Operations";

    public override Section Section => Section.Operations;

    public override IReadOnlyList<string> LiveOperations => [.. operations.Where(x => !x.HasEnded).Take(MaxLive).Select(x => x.Id)];

    public override object Data => new { Operations = operations };

    public override void Write(Html html, OpsRequest request)
    {
        if (operations.Count == 0)
        {
            html.Write($"""<p class="empty">There was no operation in the last 30 days.</p>""");
            return;
        }

        Tables.Begin(html, "Operations", "Operation", "State", "Done", "#Missing", "#Failed again", "Rate", "By", "Updated");
        foreach (var operation in operations)
        {
            html.Write($"""
                <tr><th scope="row"><a href="{request.Links.Operation(operation.Id)}">{operation.Kind.ToString()} of {operation.Queue}</a>
                <p class="sub">{operation.Selection}</p></th>
                <td>{Operations.State(operation)}<p class="sub">{Tables.Live(operation.Id, "because", operation.Because ?? "")}</p></td>
                <td>{Operations.Progress(operation)}</td>
                <td class="n">{Tables.Live(operation.Id, "missing", Formats.Count(operation.Missing))}</td>
                <td class="n">{Tables.Live(operation.Id, "failed", Formats.Count(operation.FailedAgain))}</td>
                <td>{Operations.Rate(operation)}</td>
                <td>{operation.By}<p class="sub">{operation.Reason}</p></td>
                <td>{Formats.When(operation.UpdatedAt, request.Now)}</td></tr>
                """);
        }

        Tables.End(html);
    }
}
