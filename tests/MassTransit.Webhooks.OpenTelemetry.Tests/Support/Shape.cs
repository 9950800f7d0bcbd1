using System.Globalization;
using System.Text;
using OtlpDump.Decoding;

namespace MassTransit.Webhooks.OpenTelemetry.Tests.Support;

/// <summary>A trace in few words, so that a test states all of it: who is whose child, in which order, and how each ended.</summary>
static class Shape
{
    /// <param name="spans">Those received.</param>
    /// <param name="traceId">The trace.</param>
    /// <param name="queue">Shown as <c>q</c>.</param>
    public static string Of(IEnumerable<Span> spans, string traceId, string queue)
    {
        var trace = spans.Where(x => x.TraceId == traceId).ToArray();
        var ids = trace.Select(x => x.SpanId).ToHashSet();
        var text = new StringBuilder();
        foreach (var root in trace.Where(x => !ids.Contains(x.ParentId)).OrderBy(x => x.Start))
            Append(text, root, trace, 0);
        return text.ToString().Replace(queue, "q", StringComparison.Ordinal).TrimEnd();
    }

    /// <summary>Spans whose parent did not come, but for the one given.</summary>
    public static IReadOnlyList<string> Orphans(IReadOnlyCollection<Span> spans, string known = "")
    {
        var ids = spans.Select(x => (x.TraceId, x.SpanId)).ToHashSet();
        return [.. spans.Where(x => x.ParentId.Length > 0 && x.ParentId != known && !ids.Contains((x.TraceId, x.ParentId)))
            .Select(x => x.Name)];
    }

    static void Append(StringBuilder text, Span span, Span[] trace, int depth)
    {
        text.Append(' ', depth * 2).Append(CultureInfo.InvariantCulture, $"{span.Name} {span.Kind} {span.Status}");
        if (span["webhook.attempt"] is { } attempt)
            text.Append(CultureInfo.InvariantCulture,
                $" attempt {attempt} redelivery {span["webhook.redelivery"]} {span["webhook.result"]}");
        if (span.Events.Count(x => x.Name == "exception") is > 0 and var exceptions)
            text.Append(CultureInfo.InvariantCulture, $" exceptions {exceptions}");
        if (span.Links.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $" links {span.Links.Count}");
        text.Append('\n');
        foreach (var child in trace.Where(x => x.ParentId == span.SpanId).OrderBy(x => x.Start))
            Append(text, child, trace, depth + 1);
    }
}
