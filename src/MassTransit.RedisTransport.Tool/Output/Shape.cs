using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace MassTransit.RedisTransport.Tool.Output;

/// <summary>
/// One value that a verb shows: its name in JSON, which is public and never changes, its heading in a table, and where it comes from. Both
/// forms are
/// made of the same value, so they cannot disagree.
/// </summary>
/// <param name="Name">The name in JSON.</param>
/// <param name="Heading">The heading in a table; <c>null</c>: only in JSON.</param>
/// <param name="Value">
/// Reads it: a text, a truth, a number, a time, a duration, texts, texts by name, or <c>null</c>.
/// </param>
/// <param name="Text">How a person reads it, if otherwise than by its kind.</param>
sealed record Field<T>(string Name, string? Heading, Func<T, object?> Value, Func<T, string>? Text = null)
{
    /// <summary>Printed below the table of an object, as a block with line breaks.</summary>
    public bool IsBlock { get; init; }
}

/// <summary>All fields of one kind of row or object, in their order.</summary>
sealed class Shape<T>(params Field<T>[] fields)
{
    public IReadOnlyList<Field<T>> Fields => fields;

    public void Write(Utf8JsonWriter writer, T item)
    {
        writer.WriteStartObject();
        foreach (var field in fields)
        {
            writer.WritePropertyName(field.Name);
            Values.Write(writer, field.Value(item));
        }

        writer.WriteEndObject();
    }

    /// <summary>The value as a person reads it: visible, and on one line unless it is a block.</summary>
    public static string Show(Field<T> field, T item)
    {
        var text = field.Text?.Invoke(item) ?? Values.Show(field.Value(item));
        return field.IsBlock ? VisibleText.Lines(text) : VisibleText.Line(text);
    }
}

/// <summary>Values in JSON and in tables.</summary>
static class Values
{
    /// <summary>Names of fields that hold a duration end with <c>Seconds</c>.</summary>
    public static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(Whole(text));
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case int or long or byte:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number:
                writer.WriteNumberValue(Math.Round(number, 3));
                break;
            case DateTimeOffset time:
                writer.WriteStringValue(Utc(time));
                break;
            case TimeSpan duration:
                writer.WriteNumberValue(Math.Round(duration.TotalSeconds, 3));
                break;
            case Guid id:
                writer.WriteStringValue(id);
                break;
            case IReadOnlyDictionary<string, string> texts:
                writer.WriteStartObject();
                foreach (var (name, text) in texts)
                    writer.WriteString(Whole(name), Whole(text));
                writer.WriteEndObject();
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"No form of {value.GetType().Name} is known.");
        }
    }

    public static string Show(object? value) => value switch
    {
        null => "",
        string text => text,
        bool truth => truth ? "yes" : "no",
        int or long or byte => Convert.ToInt64(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("0.##", CultureInfo.InvariantCulture),
        DateTimeOffset time => Utc(time, "yyyy-MM-dd HH:mm:ss"),
        TimeSpan duration => Durations.Show(duration),
        Guid id => id == Guid.Empty ? "" : id.ToString(),
        // Made visible one by one, or a value with a line break in it would look like two headers.
        IReadOnlyDictionary<string, string> texts => string.Join('\n',
            texts.Select(x => $"{VisibleText.Line(x.Key)}: {VisibleText.Line(x.Value)}")),
        IEnumerable items => string.Join(", ", items.Cast<object?>().Select(Show)),
        _ => throw new NotSupportedException($"No form of {value.GetType().Name} is known."),
    };

    public static bool IsNumber(object? value) => value is int or long or byte or double or TimeSpan;

    public static string Utc(DateTimeOffset time, string format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'") =>
        time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Half of a pair cannot be written in UTF-8: it is replaced by the character for that.</summary>
    static string Whole(string text)
    {
        foreach (var character in text)
        {
            if (char.IsSurrogate(character))
                return string.Concat(text.EnumerateRunes());
        }

        return text;
    }
}
