using System.Diagnostics;
using MassTransit.Webhooks;
using Quickstart.Accounting;
using Quickstart.Display;
using Quickstart.Processing;
using Quickstart.Sending;

namespace Quickstart;

/// <summary>Sends, watches, looks at the dead letters, replays them, and counts.</summary>
sealed class Demonstration(Ledger ledger, Backend backend, IWebhookDeadLetters deadLetters, FigureReader figures, IScreen screen)
{
    /// <summary>Gives up when nothing has moved for so long.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <returns>True where every webhook is accounted for.</returns>
    public async Task<bool> RunAsync(Uri ingress, CancellationToken cancellationToken)
    {
        var webhooks = WebhookPlan.Create(ledger);
        screen.Heading($"1. {webhooks.Count} signed webhooks are sent to the ingress. Some fail on purpose.");
        await screen.WatchAsync(figures.ReadAsync, async () =>
        {
            using var sender = new WebhookSender(ingress, ledger);
            await sender.SendAsync(webhooks, cancellationToken);
            await UntilAsync(AllAreDoneOrDeadAsync, cancellationToken);
        });

        screen.Heading("2. What was given up is kept as dead letters.");
        var letters = await ReadDeadLettersAsync(cancellationToken);
        screen.Show(DeadLetterTable.Create(letters));

        screen.Heading("3. The backend is repaired, and all dead letters are replayed.");
        backend.Repair();
        var replayed = await deadLetters.ReplayAllAsync(QuickstartApp.Queue, cancellationToken);
        await UntilAsync(() => Task.FromResult(!ledger.Open.Any()), cancellationToken);
        screen.Line($"{replayed} replayed.");

        screen.Heading("4. The accounting.");
        var balance = Balance.Of(ledger);
        screen.Show(BalanceTable.Create(balance));
        foreach (var problem in balance.Problems.Take(20))
            screen.Line($"UNACCOUNTED: {problem}");
        if (ledger.Strangers > 0)
            screen.Line($"{ledger.Strangers} webhooks of an earlier run were processed too.");
        screen.Line(balance.Problems.Count == 0
            ? "Every webhook is accounted for, by its id."
            : $"{balance.Problems.Count} webhooks are NOT accounted for.");
        return balance.Problems.Count == 0;
    }

    async Task<bool> AllAreDoneOrDeadAsync()
    {
        if (ledger.Open.Any(x => !x.Fate.IsDeadLetter() && !x.IsDeadLettered))
            return false;
        await ReadDeadLettersAsync(CancellationToken.None);
        return ledger.Open.All(x => x.IsDeadLettered);
    }

    /// <summary>Page by page. Dead letters of an earlier run are among them.</summary>
    async Task<IReadOnlyList<WebhookDeadLetter>> ReadDeadLettersAsync(CancellationToken cancellationToken)
    {
        var letters = new List<WebhookDeadLetter>();
        string? after = null;
        do
        {
            var page = await deadLetters.ListAsync(QuickstartApp.Queue, limit: 500, after: after, cancellationToken: cancellationToken);
            letters.AddRange(page.Entries);
            after = page.Next;
        }
        while (after is not null);

        foreach (var letter in letters)
        {
            if (letter.Webhook is { } webhook && ledger.Find(webhook.Id) is { } entry)
                entry.IsDeadLettered = true;
        }

        return letters;
    }

    async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        var (moved, at) = (ledger.Settled, Stopwatch.GetTimestamp());
        while (!await condition())
        {
            if (ledger.Settled != moved)
                (moved, at) = (ledger.Settled, Stopwatch.GetTimestamp());
            if (Stopwatch.GetElapsedTime(at) > Patience)
                return;
            await Task.Delay(Poll, cancellationToken);
        }
    }
}
