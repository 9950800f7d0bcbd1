using System.Reflection;
using System.Text.RegularExpressions;
using MassTransit.RedisTransport.Scripts;

namespace MassTransit.RedisTransport.UnitTests.Scripts;

/// <summary>One script taken apart: its header (the contract) and its body without comments.</summary>
internal sealed partial class ScriptText
{
    ScriptText(string name, string text)
    {
        Name = name;
        Text = text;
        var end = text.IndexOf("]]", StringComparison.Ordinal);
        HasHeader = text.StartsWith("--[[", StringComparison.Ordinal) && end > 0;
        Header = HasHeader ? text[4..end] : "";
        Body = LineComment().Replace(HasHeader ? text[(end + 2)..] : text, "");
    }

    public string Name { get; }

    public string Text { get; }

    public bool HasHeader { get; }

    public string Header { get; }

    public string Body { get; }

    public static IReadOnlyList<string> Names { get; } =
    [
        .. Resources().Where(x => x.EndsWith(".lua", StringComparison.Ordinal)).Select(x => x[..^4]).Where(x => x[0] != '_')
        .Order(StringComparer.Ordinal),
    ];

    public static ScriptText Read(string name)
    {
        using var stream = typeof(ScriptCatalog).Assembly.GetManifestResourceStream(name + ".lua")!;
        using var reader = new StreamReader(stream);
        return new ScriptText(name, reader.ReadToEnd());
    }

    /// <summary>The numbers the header states for KEYS or ARGV; the start of an open range ("KEYS[8..]") apart.</summary>
    public (SortedSet<int> Numbers, int? OpenFrom) Stated(string array)
    {
        var numbers = new SortedSet<int>();
        int? open = null;
        foreach (Match match in Regex.Matches(Header, array + @"\[(\d+)(\.\.)?\]"))
        {
            var number = int.Parse(match.Groups[1].ValueSpan);
            if (match.Groups[2].Success)
                open = number;
            else
                numbers.Add(number);
        }

        return (numbers, open);
    }

    /// <summary>The numbers the body uses: spelled out, or through the helpers that walk a queue's six keys.</summary>
    public SortedSet<int> Used(string array)
    {
        var numbers = new SortedSet<int>(Regex.Matches(Body, array + @"\[(\d+)\]").Select(x => int.Parse(x.Groups[1].ValueSpan)));
        if (array == "KEYS")
        {
            foreach (Match match in Regex.Matches(Body, @"\b(?:guard|expire|expire_with|persist|settle_leases)\((\d+)"))
                numbers.UnionWith(Enumerable.Range(int.Parse(match.Groups[1].ValueSpan), 6));
        }

        return numbers;
    }

    /// <summary>True where the body walks the array by a computed index, or unpacks it.</summary>
    public bool UsesRange(string array) =>
        Regex.IsMatch(Body,
            array + @"\[[^\]\d][^\]]*\]|" + array + @"\[\d+\s*[+*-][^\]]*\]|#" + array + @"\b|unpack\(" + array + @"\b|, " + array + @"\)");

    /// <summary>Locals that are bound to declared keys and to nothing else.</summary>
    public HashSet<string> KeyLocals()
    {
        var locals = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match match in LocalStatement().Matches(Body))
        {
            var names = match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries);
            var values = match.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries);
            for (var i = 0; i < names.Length && i < values.Length; i++)
            {
                if (IsDeclaredKey(values[i], locals))
                    locals.Add(names[i]);
            }
        }

        return locals;
    }

    /// <summary>What stands where a key belongs: of redis.call, call_sliced, and the fragment's functions that take a key.</summary>
    public IEnumerable<(string Command, string Key)> KeyArguments()
    {
        foreach (Match match in CommandCall().Matches(Body))
            yield return (match.Groups[1].Value, match.Groups[2].Value.Trim());
        foreach (Match match in WakeCall().Matches(Body))
            yield return ("wake", match.Groups[1].Value.Trim());
    }

    /// <summary>A declared key, a local bound to one, or a choice between such ("delay > 0 and delayed or ready").</summary>
    public static bool IsDeclaredKey(string expression, HashSet<string> locals)
    {
        if (expression.Contains("..", StringComparison.Ordinal))
            return false;

        var choices = ChoiceSeparator().Split(expression).Where(x => !x.Contains('>') && !x.Contains("==", StringComparison.Ordinal))
            .ToArray();
        return choices.Length > 0 && choices.All(x => DeclaredKey().IsMatch(x) || locals.Contains(x.Trim()));
    }

    static string[] Resources() => Assembly.GetAssembly(typeof(ScriptCatalog))!.GetManifestResourceNames();

    [GeneratedRegex("--[^\n]*")]
    private static partial Regex LineComment();

    [GeneratedRegex(@"^\s*local ([\w, ]+?) = (.+)$", RegexOptions.Multiline)]
    private static partial Regex LocalStatement();

    [GeneratedRegex(@"(?:redis\.p?call|call_sliced)\('(\w+)'(?:, ([^,()]+))?[,)]")]
    private static partial Regex CommandCall();

    [GeneratedRegex(@"\b(?:wake|add|free_key|read_records)\(([^,()]+),")]
    private static partial Regex WakeCall();

    [GeneratedRegex(@"\b(?:and|or)\b")]
    private static partial Regex ChoiceSeparator();

    [GeneratedRegex(@"^\s*KEYS\[[^\]]+\]\s*$")]
    private static partial Regex DeclaredKey();
}
