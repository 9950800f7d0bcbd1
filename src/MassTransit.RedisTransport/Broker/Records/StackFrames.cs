using System.Text;

namespace MassTransit.RedisTransport.Broker.Records;

/// <summary>Finds the frame of a stack trace that tells one failure from another.</summary>
internal static class StackFrames
{
    /// <summary>How long the name of a method may be. Compilers make none that is longer without nesting.</summary>
    const int MaxMethod = 1_000;

    /// <summary>How many lines are looked at. An application's own frame stands among the first ones.</summary>
    const int MaxLines = 2_000;

    static readonly string[] Foreign = ["System.", "Microsoft.", "MassTransit."];

    /// <summary>
    /// Returns the first method outside <c>System</c>, <c>Microsoft</c> and <c>MassTransit</c>, without file, line and parameters and
    /// without what the compiler adds to asynchronous methods and lambdas; <c>null</c> if there is none.
    /// </summary>
    public static string? FirstOwn(string stack)
    {
        var rest = stack.AsSpan(0, Math.Min(stack.Length, FailureFingerprint.MaxText));
        for (var lines = 0; lines < MaxLines && !rest.IsEmpty; lines++)
        {
            var end = rest.IndexOf('\n');
            var line = (end < 0 ? rest : rest[..end]).Trim();
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (!line.StartsWith("at ", StringComparison.Ordinal))
                continue;

            var method = line[3..];
            var parameters = method.IndexOf('(');
            if (parameters > 0)
                method = method[..parameters];
            if (method.Length <= MaxMethod && !IsForeign(method))
                return Plain(method);
        }

        return null;
    }

    static bool IsForeign(ReadOnlySpan<char> method)
    {
        foreach (var prefix in Foreign)
        {
            if (method.StartsWith(prefix, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>
    /// <c>Shop.Bank.&lt;ChargeAsync&gt;d__12.MoveNext</c> is <c>Shop.Bank.ChargeAsync</c>, because the number changes with each build.
    /// </summary>
    static string Plain(ReadOnlySpan<char> method)
    {
        var plain = new StringBuilder(method.Length);
        var isState = false;
        while (!method.IsEmpty)
        {
            var part = Next(ref method);
            if (isState && part is "MoveNext")
                continue;

            isState = false;
            if (part.StartsWith("<>c"))
                continue;

            if (part is ['<', ..])
                part = Written(part, out isState);
            else if (part.IndexOfAny('`', '[') is > 0 and var arity)
                part = part[..arity];
            if (part.IsEmpty)
                continue;
            if (plain.Length > 0)
                plain.Append('.');
            plain.Append(part);
        }

        return plain.ToString();
    }

    /// <summary>Takes the next name off: up to a dot or a plus that is in no angle or square brackets.</summary>
    static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> method)
    {
        var depth = 0;
        for (var i = 0; i < method.Length; i++)
        {
            if (method[i] is '<' or '[')
            {
                depth++;
            }
            else if (method[i] is '>' or ']')
            {
                depth--;
            }
            else if (method[i] is '.' or '+' && depth <= 0)
            {
                var part = method[..i];
                method = method[(i + 1)..];
                return part;
            }
        }

        var last = method;
        method = [];
        return last;
    }

    /// <summary>Returns the name that the programmer has written: what stands in the innermost angle brackets.</summary>
    static ReadOnlySpan<char> Written(ReadOnlySpan<char> part, out bool isState)
    {
        var start = 0;
        while (start < part.Length && part[start] == '<')
            start++;
        var end = part[start..].IndexOf('>');
        if (end < 0)
        {
            isState = false;
            return part[start..];
        }

        var tail = part[(start + end)..].TrimStart('>');
        isState = tail.StartsWith("d") || part.LastIndexOf(">d") > 0;
        // A local function has a name of its own: <Main>g__Retry|0_1.
        if (tail.StartsWith("g__") && tail.IndexOf('|') is > 3 and var bar)
            return tail[3..bar];
        return part[start..(start + end)];
    }
}
