using System.Text;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.BrokerTests.Servers;
using StackExchange.Redis;
using static MassTransit.RedisTransport.BrokerTests.Properties.QueueModel;

namespace MassTransit.RedisTransport.BrokerTests.Properties;

/// <summary>Runs one random history on a queue and on the model, and compares them after every step.</summary>
internal sealed class QueueHistory(BrokerServer server, string name)
{
    static readonly TimeSpan Long = TimeSpan.FromHours(1);

    readonly QueueModel _model = new();
    readonly MessageQueue _queue = server.Engine.Queue(name);
    readonly MessageQueue _error = server.Engine.Queue(name + "_error");
    readonly Dictionary<Entry, LeasedMessage> _held = [];
    readonly List<LeasedMessage> _stale = [];
    readonly HashSet<Entry> _cancellable = [];
    int _sent;

    public static async Task RunAsync(BrokerServer server, string name, Operation[] history)
    {
        var run = new QueueHistory(server, name);
        foreach (var operation in history)
        {
            await run.ApplyAsync(operation);
            await run.CompareAsync(operation);
        }

        await run.DrainAsync();
    }

    async Task ApplyAsync(Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Send:
                await SendAsync(operation.Priority, Place.Ready);
                break;
            case OperationKind.SendDelayed:
                await SendAsync(operation.Priority, Place.Delayed);
                break;
            case OperationKind.SendTwice:
                await SendTwiceAsync(operation.Priority);
                break;
            case OperationKind.Lease:
                await LeaseAsync(1 + operation.Choice % 4);
                break;
            case OperationKind.Settle when Pick(_held, operation.Choice, out var entry, out var message):
                Assert.True(await _queue.SettleAsync(message.Lease));
                Leave(entry, Place.Gone);
                break;
            case OperationKind.Release when Pick(_held, operation.Choice, out var entry, out var message):
                await ReleaseAsync(entry, message, TimeSpan.Zero, failed: operation.Choice % 2 == 0);
                break;
            case OperationKind.ReleaseDelayed when Pick(_held, operation.Choice, out var entry, out var message):
                await ReleaseAsync(entry, message, Long, failed: operation.Choice % 2 == 0);
                break;
            case OperationKind.Renew when Pick(_held, operation.Choice, out var entry, out var message):
                Assert.Empty(await _queue.RenewAsync([message.Lease], Long));
                entry.LeaseEnded = false;
                break;
            case OperationKind.Move when Pick(_held, operation.Choice, out var entry, out var message):
                var group = new FailureFingerprint($"{operation.Choice % 3:x16}", "failed");
                Assert.True(await _queue.MoveAsync(message.Lease, _error, message.Record!.Value, new Failure(group, false, null)));
                Leave(entry, Place.Dead);
                break;
            case OperationKind.EndLease when Pick(_held, operation.Choice, out var entry, out var message):
                await server.Raw.SortedSetAddAsync(_queue.Keys.Leased, [new SortedSetEntry(message.Lease.Member, 1)], SortedSetWhen.Exists);
                entry.LeaseEnded = true;
                break;
            case OperationKind.EndDelays:
                await EndDelaysAsync();
                break;
            case OperationKind.Crash:
                await CrashAsync();
                break;
            case OperationKind.StaleSettle when _stale.Count > 0:
                await UseStaleAsync(_stale[operation.Choice % _stale.Count]);
                break;
            case OperationKind.Cancel when _model.Entries.Count > 0:
                await CancelAsync(_model.Entries[operation.Choice % _model.Entries.Count]);
                break;
            case OperationKind.Remove when _model.Ready.ElementAtOrDefault(operation.Choice % 5) is { } entry:
                var waiting = await _queue.PeekAsync(MessageState.Ready, 0, 100);
                Assert.Equal(1, await _queue.RemoveAsync([waiting.Single(x => Text(x.Record) == entry.Text).Key]));
                entry.Place = Place.Gone;
                break;
            case OperationKind.Replay:
                await ReplayAsync();
                break;
            case OperationKind.Pause:
                _model.IsPaused |= await ChangeAsync(ControlChange.Pause(operation.Choice % 2 == 0 ? null : Long));
                break;
            case OperationKind.Resume:
                _model.IsPaused &= !await ChangeAsync(ControlChange.Resume);
                break;
            case OperationKind.Limit:
                var limit = operation.Choice % 4;
                if (await ChangeAsync(ControlChange.Limit(limit == 0 ? null : limit)))
                    _model.Limit = limit;
                break;
        }
    }

    /// <summary>False if the queue does not exist yet.</summary>
    async Task<bool> ChangeAsync(ControlChange change) =>
        await server.Engine.ChangeControlAsync(_queue.Name.Value, change, "model", "") is not null;

    async Task SendAsync(byte priority, Place place)
    {
        var entry = _model.Add($"m{_sent++}", priority, place);
        _cancellable.Add(entry);
        Assert.Equal(SendOutcome.Stored, await _queue.SendAsync(Outgoing(entry) with { CancelToken = entry.Text }));
    }

    async Task SendTwiceAsync(byte priority)
    {
        var entry = _model.Add($"m{_sent++}", priority, Place.Ready);
        var message = Outgoing(entry) with { DedupeId = entry.Text, DedupeWindow = Long };
        Assert.Equal([SendOutcome.Stored, SendOutcome.Duplicate], await Task.WhenAll(_queue.SendAsync(message), _queue.SendAsync(message)));
    }

    async Task LeaseAsync(int limit)
    {
        foreach (var (entry, message) in _held.Where(x => x.Key.LeaseEnded).ToArray())
        {
            _held.Remove(entry);
            _stale.Add(message);
        }

        _model.EndLeases();
        var expected = _model.Ready.Take(_model.Allowed(limit)).ToArray();

        var result = await _queue.CreateReader().LeaseAsync(limit, Long);

        Assert.Equal(expected.Select(x => $"{x.Text} p{x.Priority} f{x.Failures}"),
            result.Messages.Select(x => $"{Text(x.Record)} p{x.Key.Priority} f{x.DeliveryCount}"));
        for (var i = 0; i < expected.Length; i++)
        {
            expected[i].Place = Place.Leased;
            _held.Add(expected[i], result.Messages[i]);
        }
    }

    async Task ReleaseAsync(Entry entry, LeasedMessage message, TimeSpan delay, bool failed)
    {
        Assert.Empty(await _queue.ReleaseAsync([message.Lease], delay, failed));
        entry.Failures += failed ? 1 : 0;
        Leave(entry, delay > TimeSpan.Zero ? Place.Delayed : Place.Ready);
    }

    /// <summary>All that is delayed falls due; the next lease call finds it.</summary>
    async Task EndDelaysAsync()
    {
        var members = await server.Raw.SortedSetRangeByRankAsync(_queue.Keys.Delayed);
        await server.Raw.SortedSetAddAsync(_queue.Keys.Delayed, [.. members.Select(x => new SortedSetEntry(x, 1))], SortedSetWhen.Exists);
        _model.EndDelays();
        await LeaseAsync(1);
    }

    /// <summary>The consumer's process ends: what it held is found again by whoever leases next.</summary>
    async Task CrashAsync()
    {
        if (_held.Count == 0)
            return;
        await server.Raw.SortedSetAddAsync(_queue.Keys.Leased, [.. _held.Values.Select(x => new SortedSetEntry(x.Lease.Member, 1))],
            SortedSetWhen.Exists);
        foreach (var entry in _held.Keys)
            entry.LeaseEnded = true;
        _held.Clear();
    }

    async Task UseStaleAsync(LeasedMessage message)
    {
        Assert.False(await _queue.SettleAsync(message.Lease));
        Assert.Single(await _queue.RenewAsync([message.Lease], Long));
        Assert.Single(await _queue.ReleaseAsync([message.Lease], TimeSpan.Zero, failedDelivery: true));
        Assert.False(await _queue.MoveAsync(message.Lease, _error, message.Record!.Value));
    }

    async Task CancelAsync(Entry entry)
    {
        var waits = entry.Place is Place.Ready or Place.Delayed;
        Assert.Equal(waits && _cancellable.Contains(entry), await _queue.CancelAsync(entry.Text));
        if (waits && _cancellable.Contains(entry))
            entry.Place = Place.Gone;
    }

    async Task ReplayAsync()
    {
        var dead = await _error.PeekAsync(MessageState.Ready, 0, 100);
        Assert.Equal(dead.Count, await _error.RequeueAsync(_queue, [.. dead.Select(x => KeyValuePair.Create(x.Key, x.Record!.Value))]));
        foreach (var message in dead)
        {
            var entry = _model.Entries.Single(x => x.Text == Text(message.Record));
            // Another message in a new place, which the token does not name.
            _model.Entries.Remove(entry);
            _model.Add(entry.Text, entry.Priority, Place.Ready);
        }
    }

    async Task CompareAsync(Operation after)
    {
        var counts = await _queue.CountAsync();
        var expected = (_model.In(Place.Ready).Count(), _model.In(Place.Delayed).Count(), _model.In(Place.Leased).Count());
        Assert.True(expected == (counts.Ready, counts.Delayed, counts.Leased), $"after {after}: expected {expected}, found {counts}");
        var violations = (await QueueInvariants.FindAsync(server.Raw, _queue.Keys))
            .Concat(await QueueInvariants.FindAsync(server.Raw, _error.Keys)).ToArray();
        Assert.True(violations.Length == 0, $"after {after}: {string.Join("; ", violations)}");
    }

    /// <summary>In the end everything that was sent and is not gone comes out, each once.</summary>
    async Task DrainAsync()
    {
        await CrashAsync();
        await EndDelaysAsync();
        await ChangeAsync(ControlChange.Resume);
        await ChangeAsync(ControlChange.Reset);
        (_model.IsPaused, _model.Limit) = (false, 0);
        while (_model.In(Place.Ready).Any())
            await LeaseAsync(4);
        var left = _held.Values.Select(x => Text(x.Record))
            .Concat((await _error.PeekAsync(MessageState.Ready, 0, 1_000)).Select(x => Text(x.Record)));
        Assert.Equal(_model.Entries.Where(x => x.Place != Place.Gone).Select(x => x.Text).Order(StringComparer.Ordinal),
            left.Order(StringComparer.Ordinal));
    }

    void Leave(Entry entry, Place place)
    {
        entry.Place = place;
        entry.LeaseEnded = false;
        _stale.Add(_held[entry]);
        _held.Remove(entry);
    }

    static OutgoingMessage Outgoing(Entry entry) =>
        new(Encoding.UTF8.GetBytes(entry.Text), entry.Priority, entry.Place == Place.Delayed ? Long : TimeSpan.Zero);

    static string Text(ReadOnlyMemory<byte>? record) => Encoding.UTF8.GetString(record!.Value.Span);

    static bool Pick(Dictionary<Entry, LeasedMessage> from, int choice, out Entry entry, out LeasedMessage message)
    {
        (entry, message) = (null!, default);
        if (from.Count == 0)
            return false;
        (entry, message) = from.ElementAt(choice % from.Count);
        return true;
    }
}
