using MassTransit.RedisTransport.FaultWorker;

namespace MassTransit.RedisTransport.FaultTests.Support;

/// <summary>
/// Senders that go on until they are stopped: one half sends to the queue, the other publishes. Only a send whose task has completed counts
/// as confirmed.
/// </summary>
sealed class Load : IAsyncDisposable
{
    /// <summary>Paces each sender, so that a fault and not the machine's speed is what a test meets.</summary>
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(8);

    readonly CancellationTokenSource _stop = new();
    readonly Task _senders;

    Load(FaultBus bus, ISendEndpoint queue, Ledger ledger, int senders) =>
        _senders = Task.WhenAll(Enumerable.Range(0, senders).Select(i => Task.Run(() => SendAsync(
            i % 2 == 0 ? ping => queue.Send(ping) : ping => bus.Control.Publish(ping), ledger))));

    /// <summary>The queue's consumer has to be there: what is published before goes nowhere.</summary>
    public static async Task<Load> StartAsync(FaultBus bus, string queue, Ledger ledger, int senders = 6) =>
        new(bus, await bus.QueueAsync(queue), ledger, senders);

    /// <summary>Sends no more, and waits for what is on its way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Eventually.CompletesAsync(_senders, TimeSpan.FromSeconds(60), "the sends under way end");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    async Task SendAsync(Func<Ping, Task> send, Ledger ledger)
    {
        var stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            var id = ledger.NextId();
            try
            {
                await send(new Ping { Id = id });
                ledger.Confirm(id);
            }
            catch (Exception exception)
            {
                // Whatever it is: the test says what may fail, and how.
                ledger.Refuse(exception);
            }

            await Task.Delay(Pace);
        }
    }
}
