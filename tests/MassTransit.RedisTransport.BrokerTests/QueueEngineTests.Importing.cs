using System.Text;
using MassTransit.RedisTransport.Broker.Calls;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>Dead letters that come back from a file, and those that have just come.</summary>
public abstract partial class QueueEngineTests
{
    static async Task<RedisExportedLetter[]> ExportAsync(MessageQueue queue) =>
        [.. (await queue.PeekAsync(MessageState.Ready, 0, 1_000)).Select(x => new RedisExportedLetter(x.Key, x.Record!.Value))];

    static KeyValuePair<string, ReadOnlyMemory<byte>>[] Pairs(params RedisExportedLetter[] letters) =>
        Array.ConvertAll(letters, x => KeyValuePair.Create(x.Key, x.Record));

    static IEnumerable<(string, string)> Texts(IEnumerable<RedisExportedLetter> letters) =>
        letters.Select(x => (x.Key, Convert.ToHexString(x.Record.Span)));

    static RedisExportedLetter Letter(byte priority, long place, string type, int counter = 0) =>
        new(new MessageKey(priority, place, counter).ToString(), Failed(type).Pack());

    static async Task<long> PlaceAsync(MessageQueue queue) => (await queue.FindNewestAsync(null, 1)).Place;

    [SkippableFact]
    public async Task Imported_letters_are_where_and_what_they_were_and_in_their_groups()
    {
        var error = await FailAsync(NewQueue(), "Timeout", "Refused", "Timeout");
        await error.SendAsync(new OutgoingMessage(Failed("Bundle").Pack(), Priority: 7, MessageCount: 4));
        await error.SendAsync(Message("no record at all"));
        await ClassifyAllAsync(error);
        var letters = await ExportAsync(error);
        var groups = (await error.ListGroupsAsync()).Groups.ToDictionary(x => x.Id, x => (x.Count, x.Title, x.First));
        await error.RemoveAsync([.. letters.Select(x => x.Key)]);
        Assert.Empty((await error.ListGroupsAsync()).Groups);

        Assert.Equal(new ImportStep(5, 0, false), await error.CreateImport().PutAsync(Pairs(letters)));

        Assert.Equal(Texts(letters), Texts(await ExportAsync(error)));
        var restored = await error.ListGroupsAsync();
        Assert.Equal((8L, 0L), (restored.Total, restored.Ungrouped));
        Assert.Equal(groups, restored.Groups.ToDictionary(x => x.Id, x => (x.Count, x.Title, x.First)));
        await AssertInvariantsAsync(error);

        // Once more, also what a consumer has in hand: nothing comes twice.
        var held = await LeaseAsync(error, 1);
        Assert.Equal(new ImportStep(0, 5, false), await error.CreateImport().PutAsync(Pairs(letters)));
        Assert.Equal(4, (await ExportAsync(error)).Length);
        await error.ReleaseAsync([held[0].Lease], TimeSpan.Zero, failedDelivery: false);
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task A_repeated_import_does_nothing_though_the_letter_was_taken_out_meanwhile()
    {
        var queue = NewQueue();
        var error = await FailAsync(queue, "Timeout");
        var letter = Assert.Single(await ExportAsync(error));
        await error.RemoveAsync([letter.Key]);
        var runner = new ScriptCaller(Engine.Connection);
        RedisKey[] keys = [.. error.Keys.All, error.Keys.Lane("l")];
        async Task<string> ImportAsync(int number) => (string)(await runner.RunAsync(ScriptCatalog.Import, keys,
            [number, 60_000, error.Keys.WakeChannelName, letter.Key, letter.Record, "00000000000000ff", "Timeout", 0]))!;

        Assert.Equal("1", await ImportAsync(7));
        Assert.Equal(1, await error.RequeueAsync(queue, [KeyValuePair.Create(letter.Key, letter.Record)]));
        Assert.Equal("1", await ImportAsync(7));
        Assert.Equal("", await ImportAsync(6));
        Assert.Empty(await ExportAsync(error));
        Assert.Equal("1", await ImportAsync(8));
        Assert.Single(await ExportAsync(error));
        // Whatever else lies in the lane is no earlier call.
        await Raw.StringSetAsync(error.Keys.Lane("l"), "9 x");
        Assert.Equal("0", await ImportAsync(9));
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task Letters_of_two_servers_with_one_key_are_both_kept_and_each_once()
    {
        var error = Engine.Queue(NewName() + "_error");
        var place = await PlaceAsync(error) - 1_000_000;
        RedisExportedLetter[] here = [Letter(0, place, "A"), Letter(0, place + 1, "B")];
        RedisExportedLetter[] there = [Letter(0, place, "C"), Letter(0, place + 1, "B"), Letter(0, place, "D")];

        Assert.Equal(new ImportStep(2, 0, false), await error.CreateImport().PutAsync(Pairs(here)));
        Assert.Equal(new ImportStep(2, 1, false), await error.CreateImport().PutAsync(Pairs(there)));
        Assert.Equal(new ImportStep(0, 3, false), await error.CreateImport().PutAsync(Pairs(there)));
        Assert.Equal(new ImportStep(0, 2, false), await error.CreateImport().PutAsync(Pairs(here)));

        var letters = await ExportAsync(error);
        Assert.Equal(4, letters.Length);
        Assert.Equal(here.Concat([there[0], there[2]]).Select(x => Convert.ToHexString(x.Record.Span)).Order(),
            letters.Select(x => Convert.ToHexString(x.Record.Span)).Order());
        Assert.All(letters, x => Assert.InRange(x.DeadSince, here[0].DeadSince, here[1].DeadSince));
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task A_letter_of_the_future_ends_the_call_before_it_and_one_of_a_clock_ahead_is_followed_by_later_ones()
    {
        var queue = NewQueue();
        var error = Engine.Queue(queue.Name + "_error");
        var now = await PlaceAsync(error);
        var minutes = 60 * 1_000_000L;
        RedisExportedLetter[] letters = [Letter(0, now + 30 * minutes, "A"), Letter(0, now + 90 * minutes, "B"), Letter(0, now, "C")];

        Assert.Equal(new ImportStep(1, 0, true), await error.CreateImport().PutAsync(Pairs(letters)));
        await FailAsync(queue, "Later");

        Assert.Equal([GroupOf("A"), GroupOf("Later")],
            (await ExportAsync(error)).Select(x => Failure.Of(x.Record, cut: false).Fingerprint.Id));
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task An_import_leaves_a_place_unknown_that_nobody_knows()
    {
        var queue = NewQueue();
        var error = await FailAsync(queue, "Timeout", "Refused");
        var old = Letter(0, await PlaceAsync(error) - 5_000_000, "Old");
        await Raw.HashSetAsync(error.Keys.Meta, "place", "lost");

        Assert.Equal(new ImportStep(1, 0, false), await error.CreateImport().PutAsync(Pairs(old)));

        Assert.Equal("lost", (string?)await Raw.HashGetAsync(error.Keys.Meta, "place"));
        await FailAsync(queue, "Timeout");
        Assert.Equal(4, (await ExportAsync(error)).Length);
        await AssertInvariantsAsync(error);
    }

    [SkippableFact]
    public async Task The_newest_are_found_whatever_their_priorities_and_none_of_those_before()
    {
        var error = Engine.Queue(NewName() + "_error");
        Assert.Equal((0L, 0), await FoundAsync(0, 10));
        foreach (var priority in (byte[])[0, 255, 3, 3, 9])
            await error.SendAsync(Message($"old {priority}", priority));
        var since = await PlaceAsync(error);
        Assert.Equal((0L, 0), await FoundAsync(since, 10));
        foreach (var (i, priority) in ((byte[])[3, 0, 255, 9, 0, 9, 7]).Index())
            await error.SendAsync(Message($"{i}", priority));
        await Raw.SortedSetAddAsync(error.Keys.Ready, "a stranger", since + 1);

        var newest = await error.FindNewestAsync(since, 100);
        Assert.Equal(["6", "5", "4", "3", "2", "1", "0"], await TextsOfAsync(newest));
        Assert.Equal(newest.Place, await PlaceAsync(error));
        Assert.Equal(["6", "5", "4"], await TextsOfAsync(await error.FindNewestAsync(since, 3)));
        // A member that no script wrote is counted, and never shown.
        Assert.InRange((await error.FindNewestAsync(since, 3)).Count, 7, 8);
        Assert.Equal(0, (await error.FindNewestAsync(newest.Place, 3)).Count);
        // What comes back to its old place has not come now.
        var held = await LeaseAsync(error, 12);
        await error.ReleaseAsync([.. held.Select(x => x.Lease)], TimeSpan.Zero, failedDelivery: false);
        Assert.Equal(0, (await error.FindNewestAsync(newest.Place, 3)).Count);
        await error.SendAsync(Message("last", 255));
        Assert.Equal(["last"], await TextsOfAsync(await error.FindNewestAsync(newest.Place, 3)));

        async Task<(long, int)> FoundAsync(long place, int limit) =>
            await error.FindNewestAsync(place, limit) is var found ? (found.Count, found.Keys.Length) : default;

        async Task<string[]> TextsOfAsync(NewestMessages found)
        {
            var texts = new List<string>();
            await foreach (var page in error.ReadAsync(found.Keys))
                texts.AddRange(page.Select(x => Text(x.Record)));
            return [.. texts];
        }
    }

    [SkippableFact]
    public async Task The_newest_are_found_in_a_queue_that_ages_its_messages_and_in_one_with_strange_scores()
    {
        var error = Engine.Queue(NewName() + "_error");
        await error.DeclareAsync(new QueueSettings { PriorityAging = TimeSpan.FromSeconds(1) });
        foreach (var priority in (byte[])[0, 200, 4])
            await error.SendAsync(Message($"old {priority}", priority));
        var since = await PlaceAsync(error);
        foreach (var priority in (byte[])[200, 0, 3])
            await error.SendAsync(Message($"new {priority}", priority));

        var newest = await error.FindNewestAsync(since, 2);
        Assert.Equal((3L, 2), (newest.Count, newest.Keys.Length));
        Assert.Equal([3, 0], newest.Keys.Select(x => MessageKey.TryParse(Encoding.ASCII.GetBytes(x), out var key) ? key.Priority : -1));

        // Keys whose scores are those of another priority must not make the search go round.
        var other = Engine.Queue(NewName() + "_error");
        await other.SendAsync(Message("a"));
        (double, byte)[] strange = [(double.NegativeInfinity, 0), (-5, 200), (7, 255), (double.PositiveInfinity, 9)];
        foreach (var (score, priority) in strange)
            await Raw.SortedSetAddAsync(other.Keys.Ready, new MessageKey(priority, 5, 0).ToString(), score);
        Assert.InRange((await other.FindNewestAsync(0, 10)).Keys.Length, 0, 5);
    }
}
