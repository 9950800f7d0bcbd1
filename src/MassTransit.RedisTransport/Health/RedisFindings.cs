using System.Globalization;
using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Diagnostics;
using MassTransit.RedisTransport.Inspection;

namespace MassTransit.RedisTransport.Health;

/// <summary>Judges the server and all queues of one host.</summary>
internal sealed class RedisFindings(EngineHost host, RedisQueues queues, RedisDeadLetters deadLetters, IRedisOperations operations,
    RedisHealthOptions options)
    : IRedisFindings
{
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>How much longer than for one answer all of them may take: hundreds of queues are asked for.</summary>
    const int Rounds = 5;

    /// <summary>How many queues are looked at closely at a time.</summary>
    const int Concurrent = 50;

    public async Task<IReadOnlyList<RedisFinding>> CheckAsync(CancellationToken cancellationToken = default)
    {
        var (_, away) = await BoundedQuery.RunAsync(x => host.Current.Connection.PingAsync(x), host, options.Timeout, cancellationToken)
            .ConfigureAwait(false);
        if (away is not null)
            return [Away(away)];

        var (findings, problem) = await BoundedQuery.RunAsync(FindAsync, host, options.Timeout * Rounds, cancellationToken)
            .ConfigureAwait(false);
        return findings ?? [Away(problem!)];
    }

    async Task<RedisFinding[]> FindAsync(CancellationToken cancellationToken)
    {
        var facts = host.Current.Connection.ReadFactsAsync();
        var found = new List<RedisFinding>();
        var listed = await queues.ListAsync(cancellationToken).ConfigureAwait(false);
        if (listed.Count > 0)
        {
            found.AddRange(OperationRules.Judge(await operations.ListAsync(cancellationToken: cancellationToken).ConfigureAwait(false),
                listed[^1].ReadAt));
        }

        var ready = listed.ToDictionary(x => x.Name, x => x.Ready, StringComparer.Ordinal);
        foreach (var chunk in listed.Where(x => !x.IsDeadLetterQueue).Chunk(Concurrent))
        {
            foreach (var state in await Task.WhenAll(chunk.Select(x => ReadAsync(x, ready, cancellationToken))).ConfigureAwait(false))
                found.AddRange(QueueRules.Judge(state, options).Concat(TrendRules.Judge(state)).Concat(ControlRules.Judge(state, options)));
        }

        found.AddRange((await facts.ConfigureAwait(false))
            .SelectMany(x => ServerRules.Judge(x, options, host.Settings.RequiredReplicas)));
        for (var i = 0; i < found.Count; i++)
            found[i] = await WithGroupAsync(found[i], cancellationToken).ConfigureAwait(false);
        // What is wrong with the server comes before what follows from it.
        return [.. found.OrderByDescending(x => x.Severity).ThenBy(x => x.Queue is not null).ThenBy(x => x.Since ?? DateTimeOffset.MaxValue)
            .ThenBy(x => x.Queue, StringComparer.Ordinal).ThenBy(x => x.Id, StringComparer.Ordinal)];
    }

    /// <summary>Adds the largest group of failures to a finding about dead letters.</summary>
    async Task<RedisFinding> WithGroupAsync(RedisFinding finding, CancellationToken cancellationToken)
    {
        if (finding is not { Id: RedisFindingIds.DeadLettersRising, DeadLetterQueue: { } queue })
            return finding;

        try
        {
            var groups = await deadLetters.ListGroupsAsync(queue, cancellationToken).ConfigureAwait(false);
            return groups.Entries is [var first, ..]
                ? finding with
                {
                    Sentence = string.Create(CultureInfo.InvariantCulture,
                        $"{finding.Sentence} The most frequent failure: {OneLine.Of(first.Title)} ({first.Count:N0})."),
                }
                : finding;
        }
        catch (Exception exception) when (exception is RedisTransportException or ArgumentException)
        {
            // It was deleted meanwhile.
            return finding;
        }
    }

    /// <summary>Reads receivers and history of a queue in which something has happened. Most queues need neither.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="ready">How many messages wait in each queue.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    async Task<QueueState> ReadAsync(RedisQueueInfo queue, Dictionary<string, long> ready, CancellationToken cancellationToken)
    {
        var state = new QueueState
        {
            Queue = queue.Name,
            Ready = queue.Ready,
            Leased = queue.Leased,
            DeadLetters = queue.DeadLetters,
            DeadLetterQueue = queue.DeadLetterQueues.MaxBy(ready.GetValueOrDefault),
            OldestAge = queue.OldestAge,
            IsPaused = queue.IsPaused,
            Now = queue.ReadAt,
        };
        if (queue is { Ready: 0, Leased: 0, DeadLetters: 0, Reclaimed: 0, ControlVersion: 0 })
            return state;

        var control = queue.ControlVersion == 0
            ? Task.FromResult<ControlState?>(null) : host.Current.ReadControlAsync(queue.Name, cancellationToken);

        var receivers = queues.ReadReceiversAsync(queue.Name, cancellationToken);
        var history = queues.ReadHistoryAsync(queue.Name, Hour, cancellationToken);
        return state with
        {
            Receivers = await receivers.ConfigureAwait(false),
            History = await history.ConfigureAwait(false),
            Control = await control.ConfigureAwait(false),
        };
    }

    static RedisFinding Away(string problem) => new()
    {
        Id = RedisFindingIds.RedisAway,
        Severity = RedisFindingSeverity.Unhealthy,
        Sentence = problem,
        Cure = "Until it answers, receivers wait and sends fail; nothing else can be said.",
        Command = null,
    };
}
