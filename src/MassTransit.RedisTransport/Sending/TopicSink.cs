using System.Collections.Frozen;
using System.Diagnostics;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.BusGlue;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Sends to every queue a topic leads to, each once. With no subscriber the message goes nowhere, as MassTransit's publish has
/// it. Fails as a whole when one queue fails: a publish that is repeated then reaches the others twice.
/// </summary>
internal sealed class TopicSink(RedisHostConfiguration host, string topic, IReadOnlySet<(string From, string To)> links) : IMessageSink
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    volatile bool _linked = links.Count == 0;

    public TopicSink(RedisHostConfiguration host, string topic)
        : this(host, topic, FrozenSet<(string, string)>.Empty)
    {
    }

    public string Name => topic;

    public Task SendAsync(OutgoingMessage message, bool mandatory, bool answer, CancellationToken cancellationToken)
    {
        var resolving = ResolveAsync(cancellationToken);
        // The usual case, without a state machine: known subscribers.
        return resolving.IsCompletedSuccessfully
            ? DeliverAsync(resolving.Result, message, mandatory, cancellationToken)
            : ResolveAndSendAsync(resolving, message, mandatory, cancellationToken);
    }

    /// <summary>Where the topic leads. Waits through an outage as a send does.</summary>
    public ValueTask<TopicDestination[]> ResolveAsync(CancellationToken cancellationToken)
    {
        if (!_linked)
            return new ValueTask<TopicDestination[]>(ResolveWithRetryAsync(null, cancellationToken));

        var resolving = host.Broker.Topology.ResolveAsync(topic, cancellationToken);
        return resolving.IsCompletedSuccessfully ? resolving : new ValueTask<TopicDestination[]>(ResolveWithRetryAsync(resolving.AsTask(), cancellationToken));
    }

    /// <summary>False where no queue has taken it.</summary>
    public async Task<bool> DeliverAsync(TopicDestination[] destinations, OutgoingMessage message, CancellationToken cancellationToken)
    {
        var delivered = await Task.WhenAll(destinations.Select(async x =>
        {
            if (x.Temporary)
                return await DeliverTemporaryAsync(x.Queue, message, cancellationToken).ConfigureAwait(false);
            await host.Broker.Queue(x.Queue).SendAsync(message, onlyIfExists: false, cancellationToken).ConfigureAwait(false);
            return true;
        })).ConfigureAwait(false);
        return Array.Exists(delivered, static x => x);
    }

    async Task ResolveAndSendAsync(ValueTask<TopicDestination[]> resolving, OutgoingMessage message, bool mandatory, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var destinations = await resolving.ConfigureAwait(false);
        var timeout = host.Settings.SendTimeout;
        var left = timeout - Stopwatch.GetElapsedTime(started);
        if (left > timeout * 0.9)
        {
            await DeliverAsync(destinations, message, mandatory, cancellationToken).ConfigureAwait(false);
            return;
        }

        // One deadline for the whole send: what looking for the subscribers has taken, storing it has no more.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(left > Pause ? left : Pause);
        try
        {
            await DeliverAsync(destinations, message, mandatory, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RedisTransportException(
                $"Redis did not confirm the message to '{topic}' within {timeout.TotalSeconds:0.#} s. It may or may not be stored. Check the server; "
                + "SendTimeout says how long a send waits through an outage.", exception)
            { IsTransient = true };
        }
    }

    async Task<TopicDestination[]> ResolveWithRetryAsync(Task<TopicDestination[]>? resolving, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var timeout = host.Settings.SendTimeout;
        while (true)
        {
            try
            {
                var left = timeout - Stopwatch.GetElapsedTime(started);
                return await (resolving ?? LinkAndResolveAsync(cancellationToken)).WaitAsync(left > Pause ? left : Pause, cancellationToken).ConfigureAwait(false);
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

    async Task<TopicDestination[]> LinkAndResolveAsync(CancellationToken cancellationToken)
    {
        var topology = host.Broker.Topology;
        if (!_linked)
        {
            foreach (var (from, to) in links)
                await topology.LinkAsync(from, to).ConfigureAwait(false);
            _linked = true;
        }

        return await topology.ResolveAsync(topic, cancellationToken).ConfigureAwait(false);
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
                return DeliverOneAsync(destinations[0], message, cancellationToken);
            default:
                var sends = new Task[destinations.Length];
                for (var i = 0; i < sends.Length; i++)
                    sends[i] = DeliverOneAsync(destinations[i], message, cancellationToken);
                return Task.WhenAll(sends);
        }
    }

    Task DeliverOneAsync(TopicDestination destination, in OutgoingMessage message, CancellationToken cancellationToken) => destination.Temporary
        ? DeliverTemporaryAsync(destination.Queue, message, cancellationToken)
        : host.Broker.Queue(destination.Queue).SendAsync(message, onlyIfExists: false, cancellationToken);

    async Task DeliverMandatoryAsync(TopicDestination[] destinations, OutgoingMessage message, CancellationToken cancellationToken)
    {
        if (!await DeliverAsync(destinations, message, cancellationToken).ConfigureAwait(false))
        {
            throw new RedisMessageNotRoutedException(
                $"No queue is subscribed to '{topic}', so the message would go nowhere. Start a receive endpoint that consumes it once: its subscription then stays.");
        }
    }

    async Task<bool> DeliverTemporaryAsync(string queue, OutgoingMessage message, CancellationToken cancellationToken)
    {
        var broker = host.Broker;
        if (await broker.Passing(queue).SendAsync(message, onlyIfExists: true, cancellationToken).ConfigureAwait(false) != SendOutcome.QueueGone)
            return true;

        // Its receiver crashed or left: the subscription it could not take back is taken back here.
        await broker.Topology.RemoveGoneAsync(topic, queue).ConfigureAwait(false);
        return false;
    }
}
