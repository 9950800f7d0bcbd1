namespace MassTransit.RedisTransport.Dashboard.Payloads;

/// <summary>How a line of two texts stands to them.</summary>
internal enum DiffKind
{
    /// <summary>It is in both.</summary>
    Same,

    /// <summary>It is only in the first.</summary>
    Removed,

    /// <summary>It is only in the second.</summary>
    Added,

    /// <summary>Lines of both are left out here.</summary>
    Gap,
}

/// <summary>What has changed between two texts, line by line, with some equal lines around. It is bounded, however long they are.</summary>
internal static class LineDiff
{
    /// <summary>Equal lines shown before and after a change.</summary>
    const int Around = 3;

    /// <summary>Above so many pairs of lines, what lies between the equal ends of both is taken as one change.</summary>
    const int MaxPairs = 1_000_000;

    public static IReadOnlyList<(DiffKind Kind, string Line)> Of(string before, string after)
    {
        var (left, right) = (before.Split('\n'), after.Split('\n'));
        var start = 0;
        while (start < left.Length && start < right.Length && left[start] == right[start])
            start++;
        var end = 0;
        while (end < left.Length - start && end < right.Length - start && left[^(end + 1)] == right[^(end + 1)])
            end++;

        var lines = new List<(DiffKind, string)>();
        if (start > Around)
            lines.Add((DiffKind.Gap, ""));
        lines.AddRange(left[Math.Max(0, start - Around)..start].Select(x => (DiffKind.Same, x)));
        lines.AddRange(Shorten(Middle(left[start..^end], right[start..^end])));
        lines.AddRange(left[^end..].Take(Around).Select(x => (DiffKind.Same, x)));
        if (end > Around)
            lines.Add((DiffKind.Gap, ""));
        return lines;
    }

    /// <summary>By the longest common subsequence.</summary>
    static List<(DiffKind Kind, string Line)> Middle(string[] left, string[] right)
    {
        if ((long)left.Length * right.Length > MaxPairs)
            return [.. left.Select(x => (DiffKind.Removed, x)), .. right.Select(x => (DiffKind.Added, x))];

        var common = new int[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var lines = new List<(DiffKind, string)>();
        var (x, y) = (0, 0);
        while (x < left.Length || y < right.Length)
        {
            if (x < left.Length && y < right.Length && left[x] == right[y])
            {
                lines.Add((DiffKind.Same, left[x]));
                (x, y) = (x + 1, y + 1);
            }
            else if (y == right.Length || (x < left.Length && common[x + 1, y] >= common[x, y + 1]))
            {
                lines.Add((DiffKind.Removed, left[x++]));
            }
            else
            {
                lines.Add((DiffKind.Added, right[y++]));
            }
        }

        return lines;
    }

    /// <summary>Leaves out equal lines that are far from every change.</summary>
    static IEnumerable<(DiffKind Kind, string Line)> Shorten(List<(DiffKind Kind, string Line)> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            var same = i;
            while (same < lines.Count && lines[same].Kind == DiffKind.Same)
                same++;
            if (same - i > 2 * Around + 1)
            {
                foreach (var line in lines[i..(i + Around)])
                    yield return line;
                yield return (DiffKind.Gap, "");
                i = same - Around;
            }

            yield return lines[i];
        }
    }
}
