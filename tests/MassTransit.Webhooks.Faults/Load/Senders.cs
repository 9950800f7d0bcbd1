using System.Globalization;
using MassTransit.Webhooks.Faults.Ledgers;
using MassTransit.Webhooks.Faults.Worker;

namespace MassTransit.Webhooks.Faults.Load;

/// <summary>
/// Sends of all kinds, at a steady pace, until it is stopped. Only what its sender was told to be stored counts as confirmed. A webhook
/// that is refused is repeated with the same id until it is taken, as the senders of webhooks do; a refused message is given up.
/// </summary>
internal sealed class Senders(Sender sender, Ledger ledger) : IAsyncDisposable
{
    const int Together = 10;
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(35), SlowPace = TimeSpan.FromMilliseconds(70),
    BundlePace = TimeSpan.FromMilliseconds(100), HttpPace = TimeSpan.FromMilliseconds(200),
        RepeatAfter = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// Webhooks that may be under way at a time: each may be stored without its sender's knowledge, and then comes again.
    /// </summary>
    public const int UnderWay = BundleLoops * Together + HttpLoops;

    const int PlainLoops = 4, DelayedLoops = 2, BundleLoops = 2, HttpLoops = 20;

    readonly CancellationTokenSource _stop = new();
    Task _loops = Task.CompletedTask;

    public void Start() => _loops = Task.WhenAll(
    [
        .. Loops(PlainLoops, Kind.Plain, Pace, SendAsync),
        .. Loops(DelayedLoops, Kind.Delayed, SlowPace, SendAsync),
        .. Loops(BundleLoops, Kind.Webhooks, BundlePace,
            _ => Task.WhenAll(Enumerable.Range(0, Together).Select(_ => EnqueueAsync(ledger.Next(Kind.Webhooks))))),
        .. Loops(HttpLoops, Kind.Http, HttpPace, _ => PostAsync(ledger.Next(Kind.Http))),
    ]);

    /// <summary>More than the workers can do at once, so that a fault finds their hands full.</summary>
    /// <param name="plain">How many messages.</param>
    /// <param name="webhooks">How many webhooks.</param>
    /// <param name="work">How long each takes, ms; 0: as long as any other.</param>
    /// <param name="blocks">Consumers of the messages hold their threads meanwhile.</param>
    public Task BurstAsync(int plain, int webhooks, int work = 0, bool blocks = false) => Task.WhenAll(
    [
        .. Enumerable.Range(0, plain).Select(_ => SendAsync(Kind.Plain, work, blocks)),
        .. Enumerable.Range(0, webhooks).Select(_ => EnqueueAsync(ledger.Next(Kind.Webhooks), work)),
    ]);

    /// <summary>Sends no more, and waits for what is on its way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loops.WaitAsync(Settings.Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    IEnumerable<Task> Loops(int count, Kind kind, TimeSpan pace, Func<Kind, Task> send)
    {
        var stop = _stop.Token;
        return Enumerable.Range(0, count).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await send(kind);
                await Task.Delay(pace);
            }
        }));
    }

    Task SendAsync(Kind kind) => SendAsync(kind, work: 0, blocks: false);

    async Task SendAsync(Kind kind, int work, bool blocks)
    {
        var note = new Note { Id = ledger.Next(kind), Work = work, Blocks = blocks };
        try
        {
            if (kind == Kind.Delayed)
                await sender.Queue.Send(note, x => x.Delay = TimeSpan.FromMilliseconds(Random.Shared.Next(500, 2_000)));
            else if (note.Id[^1] % 2 == 0)
                await sender.Queue.Send(note);
            else
                await sender.Bus.Publish(note);
            ledger.Confirm(note.Id);
        }
        catch (Exception exception)
        {
            // Whatever it is: who sends has not been told that it is stored.
            ledger.Refuse(note.Id, $"{exception.GetType().Name}: {exception.Message}");
        }
    }

    async Task EnqueueAsync(string id, int work = 0)
    {
        var type = work > 0 ? work.ToString(CultureInfo.InvariantCulture) : "fault";
        var webhook = new Webhook
        {
            Id = id,
            Receiver = "suite",
            EventType = type,
            ReceivedAt = TimeProvider.System.GetUtcNow(),
            Body = new byte[200]
        };
        while (true)
        {
            try
            {
                // Who enqueues gives up as who posts does.
                using var patience = new CancellationTokenSource(sender.Patience);
                await sender.Webhooks.EnqueueAsync(webhook, cancellationToken: patience.Token);
                ledger.Confirm(id);
                return;
            }
            catch (Exception exception)
            {
                ledger.Refuse(id, $"{exception.GetType().Name}: {exception.Message}");
            }

            if (_stop.IsCancellationRequested)
                return;
            await Task.Delay(RepeatAfter);
        }
    }

    async Task PostAsync(string id)
    {
        while (true)
        {
            var status = await sender.PostAsync(id);
            if (Sender.IsTaken(status))
            {
                ledger.Confirm(id);
                return;
            }

            ledger.Refuse(id, $"HTTP {status}");
            if (_stop.IsCancellationRequested)
                return;
            await Task.Delay(RepeatAfter);
        }
    }
}
