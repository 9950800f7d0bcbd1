namespace MassTransit.Webhooks.ArchitectureTests;

/// <summary>
/// The picture of docs/architecture.md for one package: its rooms by floor, the ground first. A room knows those below it.
/// </summary>
sealed class Floors(params string[][] floors)
{
    static readonly Dictionary<string, Package> Read = [];

    /// <summary>Each is read once: that takes seconds.</summary>
    public static Package PackageOf(string name)
    {
        lock (Read)
            return Read.TryGetValue(name, out var package) ? package : Read[name] = new Package(name);
    }

    /// <summary>Fails with all that was found.</summary>
    public static void AssertNone(IEnumerable<string> found)
    {
        string[] all = [.. found];
        Assert.True(all.Length == 0, $"docs/architecture.md says what may know what:\n{string.Join('\n', all)}");
    }

    public IEnumerable<string> Rooms => floors.SelectMany(x => x);

    /// <summary>Arrows that lead upwards, and those between two rooms of one floor that know each other.</summary>
    public IEnumerable<string> Violations(Package package)
    {
        var arrows = package.Arrows;
        return arrows.Select(x => x.Key)
            .Where(x => FloorOf(x.To) > FloorOf(x.From) || (FloorOf(x.To) == FloorOf(x.From) && arrows.Contains((x.To, x.From))))
            .Select(x => $"{x.From} -> {x.To}").Order(StringComparer.Ordinal);
    }

    /// <summary>What a room that nobody has drawn counts as: above all.</summary>
    int FloorOf(string room)
    {
        var floor = Array.FindIndex(floors, x => x.Contains(room));
        return floor < 0 ? floors.Length : floor;
    }

    /// <summary>Rooms that lead back to themselves, by however many others: each with the way.</summary>
    public static IEnumerable<string> Circles(Package package)
    {
        var next = package.Arrows.Select(x => x.Key).ToLookup(x => x.From, x => x.To);
        foreach (var room in package.Rooms)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var ways = new Queue<string[]>([[room]]);
            while (ways.TryDequeue(out var way))
            {
                foreach (var to in next[way[^1]].Order(StringComparer.Ordinal))
                {
                    if (to == room)
                    {
                        yield return string.Join(" -> ", [.. way, to]);
                        ways.Clear();
                        break;
                    }

                    if (seen.Add(to))
                        ways.Enqueue([.. way, to]);
                }
            }
        }
    }
}
