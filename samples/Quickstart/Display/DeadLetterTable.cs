using System.Globalization;
using MassTransit.Webhooks;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Quickstart.Display;

/// <summary>The first dead letters, and how many more there are.</summary>
static class DeadLetterTable
{
    const int Rows = 10;

    public static IRenderable Create(IReadOnlyList<WebhookDeadLetter> letters)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in new[] { "receiver", "event", "id", "priority", "exception", "message", "attempts", "redeliveries" })
            table.AddColumn(column);
        // The most urgent come first: some of each receiver show more.
        foreach (var letter in letters.GroupBy(x => (x.Webhook?.Receiver, x.ExceptionType)).SelectMany(x => x.Take(Rows / 3)).Take(Rows))
        {
            string[] cells =
            [
                letter.Webhook?.Receiver ?? "?", letter.Webhook?.EventType ?? "?", letter.Webhook?.Id
                    ?? letter.Key, Number(letter.Priority),
                letter.ExceptionType?.Split('.')[^1] ?? letter.Reason ?? "?", letter.FaultMessage
                    ?? "", Number(letter.Attempts), Number(letter.Redeliveries),
            ];
            table.AddRow(cells.Select(x => new Text(x)));
        }

        return new Rows(table, new Text($"{letters.Count} dead letters in all."));
    }

    static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
