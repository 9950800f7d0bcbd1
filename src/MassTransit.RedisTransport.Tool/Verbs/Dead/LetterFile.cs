using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary>A line of an export: a letter, or why it is none.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Letter">The letter; <c>null</c> if the line is damaged.</param>
/// <param name="Queue">The dead-letter queue that it was exported from.</param>
/// <param name="Text">One line about it, or what is wrong.</param>
sealed record LetterLine(long Number, RedisExportedLetter? Letter, string? Queue, string Text);

/// <summary>What <c>dead export</c> has written. It is read line by line, so that its size does not matter, and more than once.</summary>
sealed class LetterFile : IAsyncDisposable
{
    const int FirstBuffer = 64 * 1024, Longest = 1 << 30;
    readonly FileStream _stream;
    readonly string? _folder;

    LetterFile(FileStream stream, string? folder)
    {
        _stream = stream;
        _folder = folder;
    }

    /// <param name="console">The machine.</param>
    /// <param name="given">A path, or <c>-</c> for the standard input, which is kept in a file that nobody else can read.</param>
    /// <param name="cancellationToken">Stops the reading of the standard input.</param>
    public static async Task<LetterFile> OpenAsync(ToolConsole console, string given, CancellationToken cancellationToken)
    {
        try
        {
            if (given != "-")
                return new LetterFile(File.OpenRead(Path.Combine(console.Folder, given)), null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw ToolException.Usage($"{given} cannot be read: {exception.Message}");
        }

        var folder = Directory.CreateTempSubdirectory("mtq-").FullName;
        var file = new LetterFile(new FileStream(Path.Combine(folder, "letters"), FileMode.CreateNew, FileAccess.ReadWrite), folder);
        try
        {
            // A read of a terminal cannot be cancelled: it is left behind.
            await console.In.CopyToAsync(file._stream, CancellationToken.None).WaitAsync(cancellationToken);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the lines from one on. Empty ones are passed over.</summary>
    public async IAsyncEnumerable<LetterLine> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (number, line) in ReadLinesAsync(cancellationToken))
        {
            var text = number == 1 && line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line;
            if (number >= from && text.Span.ContainsAnyExcept(" \t\r"u8))
                yield return Parse(number, text);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The lines as bytes, which are good until the next one is read.</summary>
    async IAsyncEnumerable<(long Number, ReadOnlyMemory<byte> Line)> ReadLinesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _stream.Position = 0;
        var buffer = new byte[FirstBuffer];
        var (number, start, searched, end) = (1L, 0, 0, 0);
        while (true)
        {
            var length = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                yield return (number++, buffer.AsMemory(start, searched + length - start));
                start = searched += length + 1;
                continue;
            }

            searched = end;
            if (start > 0)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, searched, end) = (0, end - start, end - start);
            }
            else if (end == buffer.Length)
            {
                if (end == Longest)
                    throw ToolException.Usage($"Line {number} has more than {Longest} bytes: no message is as long as that.");
                Array.Resize(ref buffer, end * 2);
            }

            var read = await _stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
            if (read == 0)
                break;
            end += read;
        }

        if (end > start)
            yield return (number, buffer.AsMemory(start, end - start));
    }

    static LetterLine Parse(long number, ReadOnlyMemory<byte> line)
    {
        LetterLine Damaged(string what) => new(number, null, null, what);
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return Damaged("is no JSON object");
            if (Text(root, "key") is not { } key || Text(root, "queue") is not { } queue)
                return Damaged("has no key or no queue");
            if (!root.TryGetProperty("recordBase64", out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return Damaged("has no record: it was exported without --unmask and holds headers that look like secrets, or by an older "
                    + "version of mtq, or its body was missing");
            }

            if (value.ValueKind != JsonValueKind.String || !value.TryGetBytesFromBase64(out var record))
                return Damaged("has a record that is no base64");
            if (Text(root, "recordSha256") != Convert.ToHexStringLower(SHA256.HashData(record)))
                return Damaged("has another record than was exported: recordSha256 is that of other bytes");
            return new LetterLine(number, new RedisExportedLetter(key, record), queue,
                $"{key}  {Text(root, "receiver")} {Text(root, "eventType")} {DeadRow.Short(Text(root, "exceptionType"))} "
                    + Text(root, "faultMessage"));
        }
        catch (JsonException)
        {
            return Damaged("is no JSON, or was cut off");
        }
        catch (ArgumentException)
        {
            return Damaged("has a key that no message can have, or an empty record");
        }
    }

    static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
