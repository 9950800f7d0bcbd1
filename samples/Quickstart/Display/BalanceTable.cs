using System.Globalization;
using Quickstart.Accounting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Quickstart.Display;

/// <summary>What became of all webhooks.</summary>
static class BalanceTable
{
    public static IRenderable Create(Balance balance)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("webhooks").AddColumn(new TableColumn("count").RightAligned());
        Add("sent", balance.Sent);
        Add("refused with 401: signed with a wrong secret", balance.Refused);
        Add("accepted with 202", balance.Accepted);
        Add("  processed, retries and redeliveries included", balance.Processed);
        Add("  dead-lettered, replayed and then processed", balance.DeadLettered);
        Add("sent a second time, answered 200, not processed again", balance.Repeats);
        Add("processed more than once", balance.ProcessedTwice);
        return table;

        void Add(string what, int count) => table.AddRow(new Text(what), new Text(count.ToString(CultureInfo.InvariantCulture)));
    }
}
