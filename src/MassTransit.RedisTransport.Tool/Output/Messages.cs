using System.Text.Json;

namespace MassTransit.RedisTransport.Tool.Output;

/// <summary>What the tool tells people, on stderr: as lines, or as JSON if the output is JSON.</summary>
sealed class Messages(TextWriter writer, bool json, bool quiet, bool color)
{
    const string Red = "\e[31m", Yellow = "\e[33m", Reset = "\e[0m";

    /// <summary>What is going on. <c>--quiet</c> leaves it out.</summary>
    public void Info(string message)
    {
        if (!quiet)
            Write("info", message, null);
    }

    /// <summary>What somebody should know, and has not asked for.</summary>
    public void Warning(string message) => Write("warning", message, Yellow);

    public void Error(string message) => Write("error", message, Red);

    /// <summary>A question; the answer stands on the same line.</summary>
    public void Ask(string question) => Print($"{VisibleText.Line(question)} ", line: false);

    void Write(string level, string message, string? colored)
    {
        if (json)
        {
            Print(JsonLine(level, message), line: true);
            return;
        }

        foreach (var line in message.Split('\n'))
        {
            var visible = VisibleText.Line(line);
            Print(color && colored is not null ? $"{colored}{visible}{Reset}" : visible, line: true);
        }
    }

    void Print(string text, bool line)
    {
        try
        {
            if (line)
                writer.WriteLine(text);
            else
                writer.Write(text);
            writer.Flush();
        }
        catch (IOException)
        {
            // Nobody listens. What is done is done all the same.
        }
    }

    static string JsonLine(string level, string message)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("level", level);
            json.WriteString("message", message);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
