using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>The line of <c>mtq</c> that does the same as a page, quoted for a shell. What has no such line has none here.</summary>
internal static class ToolLine
{
    /// <summary>What a webhook can be selected by.</summary>
    static readonly Dictionary<string, string> Properties = new(StringComparer.OrdinalIgnoreCase)
    {
        ["receiver"] = "--receiver",
        ["eventType"] = "--event",
        ["tenant"] = "--tenant",
        ["id"] = "--webhook-id",
    };

    public static string? Of(string verb, string queue, LetterQuery query)
    {
        if (query.Header is not null)
            return null;
        List<(string Name, string Value)> options = [];
        Add("--group", query.Group);
        Add("--exception", query.Exception);
        Add("--contains", query.Message);
        Add("--type", query.Type);
        Add("--text", query.Text);
        Add("--older", Duration(query.Older));
        Add("--younger", Duration(query.Younger));
        foreach (var (name, value) in query.PropertyPairs)
        {
            if (!Properties.TryGetValue(name, out var option))
                return null;
            Add(option, value);
        }

        return Of([verb, queue], options);

        void Add(string name, string? value)
        {
            if (value is not null)
                options.Add((name, value));
        }
    }

    public static string? Of(string verb, string queue, IEnumerable<string> keys) => Of([verb, queue, .. keys], []);

    static string? Of(IReadOnlyList<string> words, IReadOnlyList<(string Name, string Value)> options)
    {
        var parts = new List<string> { "mtq", words[0] };
        foreach (var word in words.Skip(1))
        {
            if (Shell.Quote(word) is not { } quoted)
                return null;
            parts.Add(quoted);
        }

        foreach (var (name, value) in options)
        {
            if (Shell.Quote(value) is not { } quoted)
                return null;
            parts.Add(value.StartsWith('-') ? $"{name}={quoted}" : $"{name} {quoted}");
        }

        return string.Join(' ', parts);
    }

    static string? Duration(string? text) => text?.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
}
