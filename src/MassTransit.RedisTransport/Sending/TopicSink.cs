using System.Collections.Frozen;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Topics;
using MassTransit.Shared;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Sends to every queue of a topic, each once. Without a subscriber the message is dropped, as MassTransit defines it for a publish. If one
/// queue fails, the whole send fails, so a repeated publish reaches the other queues twice.
/// </summary>
internal sealed class TopicSink(EngineHost host, string topic, IReadOnlySet<(string From, string To)> links) : IMessageSink
{
    volatile bool _linked = links.Count == 0;

    public TopicSink(EngineHost host, string topic)
        : this(host, topic, FrozenSet<(string, string)>.Empty)
    {
    }

    public string Name => topic;

    public Task SendAsync(OutgoingMessage message, bool mandatory, bool answer, CancellationToken cancellationToken) =>
        // The usual case: the subscribers are known, and no state machine is needed.
        _linked && host.Current.Topology.TryResolve(topic, out var destinations)
            ? DeliverAsync(destinations, message, mandatory, null, cancellationToken)
            : ResolveAndDeliverAsync(message, mandatory, host.Current.NewDeadline(), cancellationToken);

    /// <summary>Returns the queues of the topic. In an outage it waits as a send does, until the deadline of its send.</summary>
    /// <exception cref="RedisTransportException">The server has refused, or did not answer in time. Nothing was sent.</exception>
    public async ValueTask<TopicDestination[]> ResolveAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        var topology = host.Current.Topology;
        try
        {
            if (!_linked)
            {
                foreach (var (from, to) in links)
                    await topology.LinkAsync(from, to, deadline, cancellationToken).ConfigureAwait(false);
                _linked = true;
            }

            return await topology.ResolveAsync(topic, deadline, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisTransportException exception) when (exception.IsTransient)
        {
            throw new RedisTransportException(
                $"The subscribers of '{topic}' could not be read within {deadline.Budget.TotalSeconds:0.#} s, and the message was not "
                + "sent. Check the server; SendTimeout says how long a send waits through an outage. "
                + $"{exception.Message}", exception.InnerException ?? exception)
            { IsTransient = true };
        }
    }

    /// <summary>Returns false if no queue has taken it.</summary>
    public async Task<bool> DeliverAsync(TopicDestination[] destinations, OutgoingMessage message, Deadline? deadline,
        CancellationToken cancellationToken)
    {
        var delivered = await Task.WhenAll(destinations.Select(async x =>
        {
            if (x.Temporary)
                return await DeliverTemporaryAsync(x.Queue, message, deadline, cancellationToken).ConfigureAwait(false);
            await host.Current.Queue(x.Queue).SendAsync(message, onlyIfExists: false, deadline, cancellationToken).ConfigureAwait(false);
            return true;
        })).ConfigureAwait(false);
        return Array.Exists(delivered, static x => x);
    }

    /// <summary>
    /// Resolves the subscribers and sends to them within one deadline, so that time which the first step has used is missing for the
    /// second.
    /// </summary>
    async Task ResolveAndDeliverAsync(OutgoingMessage message, bool mandatory, Deadline deadline, CancellationToken cancellationToken)
    {
        var destinations = await ResolveAsync(deadline, cancellationToken).ConfigureAwait(false);
        await DeliverAsync(destinations, message, mandatory, deadline, cancellationToken).ConfigureAwait(false);
    }

    Task DeliverAsync(TopicDestination[] destinations, in OutgoingMessage message, bool mandatory, Deadline? deadline,
        CancellationToken cancellationToken)
    {
        // A temporary queue may be gone. If all queues are temporary, only their answers show whether any has taken the message.
        if (mandatory && Array.TrueForAll(destinations, static x => x.Temporary))
            return DeliverMandatoryAsync(destinations, message, deadline, cancellationToken);

        switch (destinations.Length)
        {
            case 0:
                return Task.CompletedTask;
            case 1:
                return DeliverOneAsync(destinations[0], message, deadline, cancellationToken);
            default:
                var sends = new Task[destinations.Length];
                for (var i = 0; i < sends.Length; i++)
                    sends[i] = DeliverOneAsync(destinations[i], message, deadline, cancellationToken);
                return Task.WhenAll(sends);
        }
    }

    Task DeliverOneAsync(TopicDestination destination, in OutgoingMessage message, Deadline? deadline,
        CancellationToken cancellationToken) => destination.Temporary
        ? DeliverTemporaryAsync(destination.Queue, message, deadline, cancellationToken)
        : host.Current.Queue(destination.Queue).SendAsync(message, onlyIfExists: false, deadline, cancellationToken);

    async Task DeliverMandatoryAsync(TopicDestination[] destinations, OutgoingMessage message, Deadline? deadline,
        CancellationToken cancellationToken)
    {
        if (!await DeliverAsync(destinations, message, deadline, cancellationToken).ConfigureAwait(false))
        {
            throw new RedisMessageNotRoutedException(
                $"No queue is subscribed to '{topic}', so the message would go nowhere. Start a receive endpoint that consumes it once: "
                    + "its subscription then stays.");
        }
    }

    async Task<bool> DeliverTemporaryAsync(string queue, OutgoingMessage message, Deadline? given, CancellationToken cancellationToken)
    {
        var engine = host.Current;
        var deadline = given ?? engine.NewDeadline();
        if (await engine.Passing(queue).SendAsync(message, onlyIfExists: true, deadline, cancellationToken)
            .ConfigureAwait(false) != SendOutcome.QueueGone)
            return true;

        // The receiver has crashed or ended without removing its subscription, so it is removed here.
        try
        {
            await engine.Topology.RemoveGoneAsync(topic, queue, deadline).ConfigureAwait(false);
        }
        catch (RedisTransportException exception) when (exception.IsTransient)
        {
            // The server cannot be reached any more. The stored messages stay stored, and the next send finds the missing queue again.
        }

        return false;
    }
}
