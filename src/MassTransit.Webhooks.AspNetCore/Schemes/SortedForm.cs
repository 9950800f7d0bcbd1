using System.Net;
using System.Text;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// The fields of a form as Twilio signs them: decoded, sorted by name and, under one name, by value without repeats; each as its name and
/// its value, without anything between them.
/// </summary>
internal static class SortedForm
{
    public static bool Is(string? contentType) =>
        contentType is not null
            && contentType.AsSpan().TrimStart().StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    public static string Join(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder(body.Length);
        var fields = Read(body);
        fields.Sort(static (x, y) => string.CompareOrdinal(x.Name, y.Name) is not 0 and var order ? order
            : string.CompareOrdinal(x.Value, y.Value));
        for (var i = 0; i < fields.Count; i++)
        {
            if (i == 0 || fields[i] != fields[i - 1])
                text.Append(fields[i].Name).Append(fields[i].Value);
        }

        return text.ToString();
    }

    /// <summary>The value of a field; <c>null</c> if it is not there or comes twice.</summary>
    public static string? Find(ReadOnlySpan<byte> body, string name)
    {
        var found = Read(body).FindAll(x => x.Name == name);
        return found is [var one] ? one.Value : null;
    }

    static List<(string Name, string Value)> Read(ReadOnlySpan<byte> body)
    {
        var fields = new List<(string, string)>();
        foreach (var range in body.Split((byte)'&'))
        {
            var field = Encoding.UTF8.GetString(body[range]);
            if (field.Length == 0)
                continue;
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? field : field[..equals];
            fields.Add((WebUtility.UrlDecode(name), equals < 0 ? "" : WebUtility.UrlDecode(field[(equals + 1)..])));
        }

        return fields;
    }
}
