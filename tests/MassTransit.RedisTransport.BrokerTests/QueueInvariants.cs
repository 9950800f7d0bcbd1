using System.Text;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Broker.Records;
using MassTransit.RedisTransport.Keyspace;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.BrokerTests;

/// <summary>
/// What holds of every queue whenever no script runs: each message is in exactly one place and has a record, nothing is
/// left over of messages that are gone, and the counters account for every message.
/// </summary>
internal static class QueueInvariants
{
    /// <param name="database">Reads behind the broker's back.</param>
    /// <param name="queue">The queue, with no operation under way.</param>
    /// <param name="withoutRecord">How many messages the test has robbed of their record.</param>
    public static async Task AssertAsync(IDatabase database, MessageQueue queue, int withoutRecord = 0)
    {
        var violations = await FindAsync(database, queue.Keys, withoutRecord);
        Assert.True(violations.Count == 0, $"{queue.Name}: {string.Join("; ", violations)}");
    }

    public static async Task<IReadOnlyList<string>> FindAsync(IDatabase database, QueueKeys keys, int withoutRecord = 0)
    {
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        long packed = 0, packedDelayed = 0, packedLeased = 0;
        var violations = new List<string>();
        foreach (var (name, key) in (IEnumerable<(string, RedisKey)>)[("ready", keys.Ready), ("delayed", keys.Delayed),
            ("leased", keys.Leased)])
        {
            foreach (var member in await database.SortedSetRangeByRankAsync(key))
            {
                var text = member.ToString();
                var id = name == "leased" ? text[..Math.Min(MessageKey.Length, text.Length)] : text;
                if (!MessageKey.TryParse(Encoding.ASCII.GetBytes(id), out var parsed)
                    || (name == "leased") != (text.Length > MessageKey.Length))
                    violations.Add($"'{text}' in {name} is no member a script writes");
                else if (!places.TryAdd(id, name))
                    violations.Add($"{id} is in {places[id]} and in {name}");
                packed += name == "leased" ? 0 : parsed.MessageCount - 1;
                packedDelayed += name == "delayed" ? parsed.MessageCount - 1 : 0;
                packedLeased += name == "leased" ? parsed.MessageCount - 1 : 0;
            }
        }

        var records = (await database.HashKeysAsync(keys.Messages)).Select(x => x.ToString()).ToHashSet(StringComparer.Ordinal);
        var missing = places.Keys.Where(x => !records.Contains(x)).ToArray();
        if (missing.Length != withoutRecord)
            violations.Add($"{missing.Length} messages have no record ({string.Join(", ", missing.Take(3))})");
        violations.AddRange(records.Where(x => !places.ContainsKey(x)).Select(x => $"{x} has a record and no place"));
        violations.AddRange((await database.HashKeysAsync(keys.Deliveries)).Select(x => x.ToString())
            .Where(x => !places.ContainsKey(x)).Select(x => $"{x} has deliveries and no place"));

        var meta = (await database.HashGetAllAsync(keys.Meta)).ToDictionary(x => x.Name.ToString(), x => x.Value, StringComparer.Ordinal);
        long Counter(string name) => meta.TryGetValue(name, out var value) ? (long)value : 0;
        var gone = Counter("completed") + Counter("moved") + Counter("removed") + Counter("cancelled");
        if ((Counter("packed"), Counter("packed_delayed"), Counter("packed_leased")) != (packed, packedDelayed, packedLeased))
        {
            violations.Add($"packed {Counter("packed")}, {Counter("packed_delayed")} delayed and {Counter("packed_leased")} leased, "
                + $"found {packed}, {packedDelayed} and {packedLeased}");
        }

        if (Counter("sent") - gone != places.Count + packed + packedLeased)
            violations.Add($"sent {Counter("sent")}, gone {gone} (completed {Counter("completed")}, moved {Counter("moved")}, removed "
                + $"{Counter("removed")}, "
                + $"cancelled {Counter("cancelled")}), present {places.Count + packed + packedLeased}");
        violations.AddRange(GroupViolations(meta, records, gone));
        return violations;
    }

    /// <summary>
    /// The failure groups count every message that is in one, and no other. Each group is in the list of groups, and nothing is left of
    /// those that are empty.
    /// </summary>
    static IEnumerable<string> GroupViolations(Dictionary<string, RedisValue> meta, HashSet<string> records, long gone)
    {
        var members = meta.Where(x => MessageKey.TryParse(Encoding.ASCII.GetBytes(x.Key), out _)).ToArray();
        foreach (var (key, group) in members.Where(x => !records.Contains(x.Key)))
            yield return $"{key} is in group {group} and has no record";

        var counted = members.GroupBy(x => x.Value.ToString(), x => (long)MessageKey.MessageCountOf(x.Key))
            .ToDictionary(x => x.Key, x => x.Sum(), StringComparer.Ordinal);
        var kept = meta.Where(x => x.Key.StartsWith("group:", StringComparison.Ordinal))
            .ToDictionary(x => x.Key[6..], x => (long)x.Value, StringComparer.Ordinal);
        if (!counted.OrderBy(x => x.Key, StringComparer.Ordinal).SequenceEqual(kept.OrderBy(x => x.Key, StringComparer.Ordinal)))
            yield return $"groups {string.Join(", ", kept)}, found {string.Join(", ", counted)}";

        var named = meta.GetValueOrDefault("groups").ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!named.Order(StringComparer.Ordinal).SequenceEqual(kept.Keys.Order(StringComparer.Ordinal)))
            yield return $"groups named {string.Join(", ", named)}, kept {string.Join(", ", kept.Keys)}";
        foreach (var (field, _) in meta.Where(x => x.Key.Contains(':') && !kept.ContainsKey(x.Key[(x.Key.IndexOf(':') + 1)..])))
            yield return $"{field} is left of a group that is empty";

        var ungrouped = (long)meta.GetValueOrDefault("gone");
        if (meta.ContainsKey("grouped") && ungrouped != gone)
            yield return $"{gone} messages are gone, {ungrouped} of them were taken out of their groups";
    }
}
