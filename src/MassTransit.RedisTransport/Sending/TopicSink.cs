using System.Diagnostics;
using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Sends to every queue a topic leads to, each once. With no subscriber the message goes nowhere, as MassTransit's publish has
/// it. Fails as a whole when one queue fails: a publish that is repeated then reaches the others twice.
/// </summary>
internal sealed class TopicSink(QueueBroker broker, string topic, IReadOnlySet<(string From, string To)> links, TimeSpan timeout) : IMessageSink
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    volatile bool _linked = links.Count == 0;

    public string Name => topic;

    public Task SendAsync(OutgoingMessage message, bool mandatory, CancellationToken cancellationToken)
    {
        if (_linked)
        {
            var resolving = broker.Topology.ResolveAsync(topic, cancellationToken);
            // The usual case, without a state machine: known subscribers, and one of them.
            if (resolving.IsCompletedSuccessfully)
                return DeliverAsync(resolving.Result, message, mandatory, cancellationToken);
            return ResolveAndSendAsync(resolving.AsTask(), message, mandatory, cancellationToken);
        }

        return ResolveAndSendAsync(null, message, mandatory, cancellationToken);
    }

    async Task ResolveAndSendAsync(Task<TopicDestination[]>? resolving, OutgoingMessage message, bool mandatory, CancellationToken cancellationToken)
    {
        var destinations = await ResolveWithRetryAsync(resolving, cancellationToken).ConfigureAwait(false);
        await DeliverAsync(destinations, message, mandatory, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits through an outage as a send does.</summary>
    async Task<TopicDestination[]> ResolveWithRetryAsync(Task<TopicDestination[]>? resolving, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await (resolving ?? ResolveAsync(cancellationToken)).ConfigureAwait(false);
            }
            catch (Exception exception) when (ScriptRunner.IsTransient(exception) || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                resolving = null;
                if (Stopwatch.GetElapsedTime(started) + Pause > timeout)
                {
                    throw new RedisTransportException(
                        $"The subscribers of '{topic}' could not be read within {timeout.TotalSeconds:0.#} s. Check the server; SendTimeout says how long a send waits through an outage.",
                        exception)
                    { IsTransient = true };
                }

                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    async Task<TopicDestination[]> ResolveAsync(CancellationToken cancellationToken)
    {
        if (!_linked)
        {
            foreach (var (from, to) in links)
                await broker.Topology.LinkAsync(from, to).ConfigureAwait(false);
            _linked = true;
        }

        return await broker.Topology.ResolveAsync(topic, cancellationToken).ConfigureAwait(false);
    }

    Task DeliverAsync(TopicDestination[] destinations, in OutgoingMessage message, bool mandatory, CancellationToken cancellationToken)
    {
        // A temporary queue may be gone: only then does it take an answer to know whether anybody got the message.
        if (mandatory && Array.TrueForAll(destinations, static x => x.Temporary))
            return DeliverMandatoryAsync(destinations, message, cancellationToken);

        switch (destinations.Length)
        {
            case 0:
                return Task.CompletedTask;
            case 1:
                return DeliverAsync(destinations[0], message, cancellationToken);
            default:
                var sends = new Task[destinations.Length];
                for (var i = 0; i < sends.Length; i++)
                    sends[i] = DeliverAsync(destinations[i], message, cancellationToken);
                return Task.WhenAll(sends);
        }
    }

    Task DeliverAsync(TopicDestination destination, in OutgoingMessage message, CancellationToken cancellationToken)
    {
        var queue = broker.Queue(destination.Queue);
        return destination.Temporary
            ? DeliverTemporaryAsync(queue, message, cancellationToken)
            : queue.SendAsync(message, onlyIfExists: false, cancellationToken);
    }

    async Task DeliverMandatoryAsync(TopicDestination[] destinations, OutgoingMessage message, CancellationToken cancellationToken)
    {
        var delivered = await Task.WhenAll(destinations.Select(x => DeliverTemporaryAsync(broker.Queue(x.Queue), message, cancellationToken))).ConfigureAwait(false);
        if (!Array.Exists(delivered, static x => x))
        {
            throw new RedisMessageNotRoutedException(
                $"No queue is subscribed to '{topic}', so the message would go nowhere. Start a receive endpoint that consumes it once: its subscription then stays.");
        }
    }

    async Task<bool> DeliverTemporaryAsync(BrokerQueue queue, OutgoingMessage message, CancellationToken cancellationToken)
    {
        if (await queue.SendAsync(message, onlyIfExists: true, cancellationToken).ConfigureAwait(false) != SendOutcome.QueueGone)
            return true;

        // Its receiver crashed or left: the subscription it could not take back is taken back here.
        await broker.Topology.RemoveGoneAsync(topic, queue.Name.Value).ConfigureAwait(false);
        broker.Forget(queue.Name.Value);
        return false;
    }
}
