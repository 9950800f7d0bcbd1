using System.Text;
using System.Text.Json;

namespace MassTransit.RedisTransport.Tool.Output;

enum OutputFormat
{
    Table,
    Json,
    Ndjson,
}

/// <summary>Nobody reads the output any more.</summary>
sealed class OutputClosedException(IOException cause) : Exception("The output was closed.", cause);

/// <summary>Writes data to stdout: rows and objects in the form that was asked for. Nothing else is ever written there.</summary>
sealed class DataOutput(Stream stream, OutputFormat format, int width, bool color)
{
    const string Bold = "\e[1m", Reset = "\e[0m";
    static ReadOnlySpan<byte> Clear => "\e[H\e[2J\e[3J"u8;
    static readonly JsonWriterOptions Pretty = new() { Indented = true, NewLine = "\n" };
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    bool _clear;

    public OutputFormat Format => format;

    /// <summary>A table as wide as its contents, or as the terminal; an array; or an object a line.</summary>
    public void List<T>(Shape<T> shape, IReadOnlyList<T> rows)
    {
        switch (format)
        {
            case OutputFormat.Table:
                Write(Table(shape, rows));
                break;
            case OutputFormat.Json:
                Write(Json(writer =>
                {
                    writer.WriteStartArray();
                    foreach (var row in rows)
                        shape.Write(writer, row);
                    writer.WriteEndArray();
                }, Pretty));
                break;
            default:
                foreach (var row in rows)
                    Write(Json(writer => shape.Write(writer, row), default));
                break;
        }
    }

    /// <summary>A row that is written as soon as it is there: of a list without an end.</summary>
    public void Row<T>(Shape<T> shape, T row)
    {
        if (format == OutputFormat.Table)
            Write(string.Join("  ", shape.Fields.Where(x => x.Heading is not null).Select(x => Shape<T>.Show(x, row))
                .Where(x => x.Length > 0)) + "\n");
        else
            Write(Json(writer => shape.Write(writer, row), default));
    }

    /// <summary>One object: a line for each field, then its blocks.</summary>
    public void One<T>(Shape<T> shape, T item)
    {
        if (format == OutputFormat.Table)
            Write(Details(shape, item));
        else
            Write(Json(writer => shape.Write(writer, item), format == OutputFormat.Json ? Pretty : default));
    }

    /// <summary>A text that is data itself: a script, a signature's headers.</summary>
    public void Text(string text) => Write(text.EndsWith('\n') ? text : text + "\n");

    /// <summary>Bytes that are data themselves: a body, unchanged.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (_clear)
                stream.Write(Clear);
            _clear = false;
            stream.Write(bytes);
            stream.Flush();
        }
        catch (IOException exception)
        {
            throw new OutputClosedException(exception);
        }
    }

    /// <summary>
    /// What is written next is shown on an empty screen, where there is one. Until then the last figures stay, with what was said below
    /// them.
    /// </summary>
    public void NewScreen() => _clear = format == OutputFormat.Table && width > 0;

    string Table<T>(Shape<T> shape, IReadOnlyList<T> rows)
    {
        if (rows.Count == 0)
            return "";
        var fields = shape.Fields.Where(x => x.Heading is not null && !x.IsBlock).ToArray();
        var cells = rows.Select(row => Array.ConvertAll(fields, x => Shape<T>.Show(x, row))).ToArray();
        var widths = new int[fields.Length];
        var right = new bool[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            widths[i] = Math.Max(fields[i].Heading!.Length, cells.Max(x => VisibleText.Width(x[i])));
            right[i] = fields[i].Text is null && rows.Any(x => Values.IsNumber(fields[i].Value(x)));
        }

        // The widest gives way, to eight columns at the least.
        while (width > 0 && widths.Sum() + (2 * (widths.Length - 1)) > width && widths.Max() > 8)
        {
            var widest = Array.IndexOf(widths, widths.Max());
            widths[widest] = Math.Max(8, widths[widest] - Math.Max(1, widths.Sum() + (2 * (widths.Length - 1)) - width));
        }

        var text = new StringBuilder();
        Line(text, Array.ConvertAll(fields, x => x.Heading!), widths, right, color);
        foreach (var row in cells)
            Line(text, row, widths, right, bold: false);
        return text.ToString();
    }

    static void Line(StringBuilder text, string[] cells, int[] widths, bool[] right, bool bold)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Length; i++)
        {
            var cell = VisibleText.Fit(cells[i], widths[i]);
            var space = new string(' ', Math.Max(0, widths[i] - VisibleText.Width(cell)));
            line.Append(i > 0 ? "  " : "").Append(right[i] ? space + cell : cell + space);
        }

        text.Append(bold ? Bold : "").Append(line.ToString().TrimEnd()).Append(bold ? Reset : "").Append('\n');
    }

    string Details<T>(Shape<T> shape, T item)
    {
        var shown = shape.Fields.Where(x => x.Heading is not null).Select(x => (Field: x, Text: Shape<T>.Show(x, item)))
            .Where(x => x.Text.Length > 0).ToArray();
        var heading = shown.Where(x => !x.Field.IsBlock).Select(x => x.Field.Heading!.Length).DefaultIfEmpty().Max();
        var text = new StringBuilder();
        foreach (var (field, value) in shown.Where(x => !x.Field.IsBlock))
            text.Append(color ? Bold : "").Append(field.Heading!.PadRight(heading)).Append(color ? Reset : "").Append("  ").Append(value)
                .Append('\n');
        foreach (var (field, value) in shown.Where(x => x.Field.IsBlock))
            text.Append('\n').Append(color ? Bold : "").Append(field.Heading).Append(color ? Reset : "").Append('\n')
                .Append(value.TrimEnd('\n')).Append('\n');
        return text.ToString();
    }

    static byte[] Json(Action<Utf8JsonWriter> write, JsonWriterOptions options)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, options))
            write(writer);
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    void Write(string text) => Bytes(Utf8.GetBytes(text));

    void Write(byte[] bytes) => Bytes(bytes);
}
