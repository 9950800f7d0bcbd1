using System.Text;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>What attackers, proxies and mistakes make of a request.</summary>
internal static class Breakage
{
    const int Fuzzed = 200;
    const int Seed = 1;

    public static IEnumerable<(string What, byte[] Body)> OfBody(ReadOnlyMemory<byte> good)
    {
        var body = good.ToArray();
        yield return ("with a byte more", [.. body, (byte)'0']);
        yield return ("with a line break at its end", [.. body, (byte)'\n']);
        yield return ("with a byte order mark", [0xEF, 0xBB, 0xBF, .. body]);
        yield return ("with a byte in front", [(byte)' ', .. body]);
        yield return ("twice", [.. body, .. body]);
        if (body.Length == 0)
            yield break;
        yield return ("empty", []);
        yield return ("without its last byte", body[..^1]);
        yield return ("without its first byte", body[1..]);
        yield return ("of zeros", new byte[body.Length]);
        foreach (var at in new[] { 0, body.Length / 2, body.Length - 1 })
        {
            var flipped = body.ToArray();
            flipped[at] ^= 1;
            yield return ($"with a bit flipped at byte {at}", flipped);
        }
    }

    public static IEnumerable<(string What, string Value)> OfProof(string good)
    {
        yield return ("without its last character", good[..^1]);
        yield return ("without its last four characters", good[..^Math.Min(4, good.Length)]);
        yield return ("with its last character changed", good[..^1] + (good[^1] == '0' ? '1' : '0'));
        var code = good.Length - Math.Min(good.Length, 20);
        yield return ("with a character of the code changed", $"{good[..code]}{(good[code] == '0' ? '1' : '0')}{good[(code + 1)..]}");
        yield return ("with a character more", good + "0");
        yield return ("with a NUL at its end", good + "\0");
        yield return ("backwards", new string([.. good.Reverse()]));
        yield return ("of white space", " ");
        yield return ("of commas", ",,,,");
        yield return ("of equals signs", new string('=', 4000));
        yield return ("of zeros", new string('0', good.Length));
        yield return ("of 100,000 characters", new string('a', 100_000));
        yield return ("outside ASCII", "\u202e\ud83d\ude00\ufffd");
        yield return ("of half a character", "\ud800");
    }

    /// <summary>Texts that look like the value, but for some pieces. They are the same in each run.</summary>
    public static IEnumerable<string> Nonsense(string good)
    {
        string[] pieces = ["", ",", " ", "=", ";", ":", ".", "v1,", "v1=", "t=", "sha256=", "\0", "é", "\ud800", "9999999999999999999",
            "-1", "{", "eyJ"];
        var random = new Random(Seed);
        for (var i = 0; i < Fuzzed; i++)
        {
            var start = random.Next(good.Length + 1);
            var end = random.Next(start, good.Length + 1);
            yield return new StringBuilder(good[..start]).Append(pieces[random.Next(pieces.Length)]).Append(good[end..]).ToString();
        }
    }
}
