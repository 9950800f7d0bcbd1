using System.Text.Json;

namespace MassTransit.RedisTransport.Tool.Tests.Support;

/// <summary>
/// Names and kinds of fields in JSON are public: scripts read them. Each is a line of a file in Snapshots; a new one is added there, and
/// one that is
/// missing or has become something else is a break.
/// </summary>
static class Snapshot
{
    public static void Matches(string name, JsonElement value)
    {
        var file = Path.Combine(Repository.Root, "tests", "MassTransit.RedisTransport.Tool.Tests", "Snapshots", $"{name}.txt");
        var fields = string.Join('\n', Describe(value)) + "\n";
        Assert.True(File.Exists(file), $"{file} does not exist. It would be:\n{fields}");
        var expected = File.ReadAllLines(file);
        var actual = fields.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected.Select(x => x.Split(':')[0]), actual.Select(x => x.Split(':')[0]));
        // What is null now may be anything else another time.
        Assert.All(expected.Zip(actual), x => Assert.True(x.First == x.Second || x.Second.EndsWith(": null", StringComparison.Ordinal),
            $"{name}: {x.First} has become {x.Second}"));
    }

    static IEnumerable<string> Describe(JsonElement value) => value.EnumerateObject().Select(x => $"{x.Name}: {Kind(x.Value)}");

    static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        JsonValueKind.Number => "number",
        JsonValueKind.String => "string",
        _ => "null",
    };
}
