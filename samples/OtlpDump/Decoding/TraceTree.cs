using System.Globalization;
using System.Text;

namespace OtlpDump.Decoding;

/// <summary>Spans as a tree of text: name, kind, status, what is worth knowing, links.</summary>
public static class TraceTree
{
    static readonly string[] Prefixes = ["webhook.", "messaging.", "error.", "http.", "url.", "exception."];

    /// <param name="spans">Of any traces.</param>
    /// <param name="attributes">With all attributes but those of MassTransit's own convention.</param>
    public static string Print(IReadOnlyCollection<Span> spans, bool attributes = true)
    {
        var text = new StringBuilder();
        foreach (var trace in spans.GroupBy(x => x.TraceId).OrderBy(x => x.Min(y => y.Start)))
        {
            var ids = trace.Select(x => x.SpanId).ToHashSet();
            text.Append(CultureInfo.InvariantCulture, $"trace {trace.Key[..8]}").AppendLine();
            foreach (var root in trace.Where(x => !ids.Contains(x.ParentId)).OrderBy(x => x.Start))
                Print(text, root, [.. trace], 1, attributes);
        }

        return text.ToString();
    }

    static void Print(StringBuilder text, Span span, Span[] trace, int depth, bool attributes)
    {
        var indent = new string(' ', depth * 2);
        text.Append(CultureInfo.InvariantCulture,
            $"{indent}{span.Name} [{span.Kind}, {span.Status}] {span.SpanId[..4]} {(span.End - span.Start).TotalMilliseconds:0.0} ms");
        foreach (var link in span.Links)
            text.Append(CultureInfo.InvariantCulture, $" ~> {link.TraceId[..8]}/{link.SpanId[..4]}");
        text.AppendLine();
        if (attributes)
        {
            foreach (var (name, value) in span.Attributes.Where(x => IsShown(x.Key)).OrderBy(x => x.Key, StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"{indent}    {name} = {value}").AppendLine();
        }

        foreach (var happened in span.Events)
            text.Append(CultureInfo.InvariantCulture,
                $"{indent}    ! {happened.Name} {happened.Attributes.GetValueOrDefault("exception.type")}").AppendLine();
        foreach (var child in trace.Where(x => x.ParentId == span.SpanId).OrderBy(x => x.Start))
            Print(text, child, trace, depth + 1, attributes);
    }

    static bool IsShown(string attribute) =>
        Prefixes.Any(x => attribute.StartsWith(x, StringComparison.Ordinal))
            && !attribute.StartsWith("messaging.masstransit.", StringComparison.Ordinal);
}
