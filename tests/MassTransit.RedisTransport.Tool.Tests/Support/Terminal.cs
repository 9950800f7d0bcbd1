using System.Text;
using System.Text.Json;
using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Tests.Support;

/// <summary>What one run has printed, and what it ended with.</summary>
sealed record Run(int Code, string Out, string Error, byte[] Bytes)
{
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    public JsonElement[] Lines => Parse(Out);

    public static JsonElement[] Parse(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(x => JsonDocument.Parse(x).RootElement)];

    public string? Text(string name) => Json.GetProperty(name).GetString();

    public long Number(string name) => Json.GetProperty(name).GetInt64();

    public Run Ends(int code)
    {
        Assert.True(Code == code, $"It ended with {Code} instead of {code}.\n{Error}\n{Out}");
        return this;
    }

    public Run Says(string text)
    {
        Assert.Contains(text, Error, StringComparison.Ordinal);
        return this;
    }
}

/// <summary>The tool inside this process, with streams, an environment and folders of the test's own.</summary>
sealed class Terminal : IDisposable
{
    readonly TempFolder _folder = new("mtq");

    public Terminal(TestServer? server = null, string? prefix = null)
    {
        ConfigFolder = Directory.CreateDirectory(_folder.File("config")).FullName;
        Folder = Directory.CreateDirectory(_folder.File("work")).FullName;
        if (server is not null)
            Environment["MTQ_REDIS"] = server.ConnectionString;
        if (prefix is not null)
            Environment["MTQ_PREFIX"] = prefix;
    }

    public Dictionary<string, string> Environment { get; } = [];

    public string ConfigFolder { get; }

    public string Folder { get; }

    /// <summary>True: somebody sits at a terminal.</summary>
    public bool IsTerminal { get; set; }

    public int Width { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public string File(string name) => Path.Combine(Folder, name);

    public Task<Run> RunAsync(params string[] arguments) => RunAsync("", CancellationToken.None, arguments);

    public Task<Run> TypeAsync(string input, params string[] arguments) => RunAsync(input, CancellationToken.None, arguments);

    public async Task<Run> RunAsync(string input, CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        using var stdin = new MemoryStream(Encoding.Latin1.GetBytes(input));
        var console = Console(output, TextWriter.Synchronized(error), stdin);
        var code = await Eventually.CompletesAsync(Mtq.RunAsync(arguments, console, cancellationToken), TimeSpan.FromSeconds(60),
            $"mtq {string.Join(' ', arguments)}");
        return new Run(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString(), output.ToArray());
    }

    /// <summary>Begins a verb that ends when it is interrupted.</summary>
    public Running Start(params string[] arguments) => new(this, arguments);

    public ToolConsole Console(Stream output, TextWriter error, Stream input) => new()
    {
        Out = output,
        Error = error,
        In = input,
        IsOutTerminal = IsTerminal,
        IsErrorTerminal = IsTerminal,
        IsInTerminal = IsTerminal,
        Width = Width,
        Variable = name => Environment.GetValueOrDefault(name),
        Folder = Folder,
        ConfigFolder = ConfigFolder,
        UserName = "ops",
        MachineName = "test",
        Time = Time,
    };

    public void Dispose() => _folder.Dispose();
}

/// <summary>A verb that is at work, to be listened to and interrupted.</summary>
sealed class Running : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly StringWriter _error = new() { NewLine = "\n" };
    readonly MemoryStream _output = new();
    readonly Task<int> _running;

    public Running(Terminal terminal, string[] arguments) =>
        _running = Task.Run(() => Mtq.RunAsync(arguments,
            terminal.Console(Stream.Synchronized(_output), TextWriter.Synchronized(_error), Stream.Null), _stop.Token));

    public string Error
    {
        get
        {
            // Only its own lock makes a writer's text safe to read.
            lock (_error)
                return _error.ToString();
        }
    }

    public string Out => Encoding.UTF8.GetString(_output.ToArray());

    public JsonElement[] Lines => Run.Parse(Out);

    /// <summary>Waits for a text on stderr, and returns what follows it on the line.</summary>
    public async Task<string> SaysAsync(string text)
    {
        var line = "";
        await Eventually.TrueAsync(() =>
            (line = Error.Split('\n').FirstOrDefault(x => x.Contains(text, StringComparison.Ordinal))) is not null || _running.IsCompleted,
            message: $"'{text}' on stderr");
        Assert.True(line is not null, $"It ended without '{text}':\n{Error}\n{Out}");
        return line[(line.IndexOf(text, StringComparison.Ordinal) + text.Length)..];
    }

    public Task<int> EndAsync() => Eventually.CompletesAsync(_running);

    /// <summary>Ctrl+C.</summary>
    public async Task<int> InterruptAsync()
    {
        await _stop.CancelAsync();
        return await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await InterruptAsync();
        _stop.Dispose();
    }
}
