using System.Text;

namespace MassTransit.RedisTransport.Tool.Output;

/// <summary>
/// Everything of the machine that the tool sees or touches beside Redis: three streams, the environment, two folders, the clock. Tests give
/// it others.
/// </summary>
sealed class ToolConsole
{
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Data, and nothing else.</summary>
    public required Stream Out { get; init; }

    /// <summary>Messages for people.</summary>
    public required TextWriter Error { get; init; }

    public required Stream In { get; init; }

    public bool IsOutTerminal { get; init; }

    public bool IsErrorTerminal { get; init; }

    public bool IsInTerminal { get; init; }

    /// <summary>Columns of the terminal; 0 if it has none.</summary>
    public int Width { get; init; }

    /// <summary>A variable of the environment; <c>null</c> if it is not set or empty.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The folder the tool was started in.</summary>
    public required string Folder { get; init; }

    /// <summary>The user's own configuration: <c>~/.config</c>.</summary>
    public required string ConfigFolder { get; init; }

    public required string UserName { get; init; }

    public required string MachineName { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static ToolConsole OfProcess() => new()
    {
        Out = Console.OpenStandardOutput(),
        Error = new StreamWriter(Console.OpenStandardError(), Utf8) { AutoFlush = true },
        In = Console.OpenStandardInput(),
        IsOutTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        IsInTerminal = !Console.IsInputRedirected,
        Width = WidthOfTerminal(),
        Variable = static name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
        Folder = Environment.CurrentDirectory,
        ConfigFolder = ConfigFolderOfUser(),
        UserName = Environment.UserName,
        MachineName = Environment.MachineName,
    };

    /// <summary>Reads a line that somebody types; <c>null</c> at the end of the input.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        var buffer = new byte[1];
        // A read of a terminal cannot be cancelled: it is left behind.
        while (await In.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(cancellationToken) == 1)
        {
            if (buffer[0] == '\n')
                return Utf8.GetString([.. line]).TrimEnd('\r');
            line.Add(buffer[0]);
        }

        return line.Count == 0 ? null : Utf8.GetString([.. line]);
    }

    static int WidthOfTerminal()
    {
        if (Console.IsOutputRedirected)
            return 0;
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    static string ConfigFolderOfUser()
    {
        if (OperatingSystem.IsWindows())
            return Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData);
        return Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } folder && Path.IsPathRooted(folder)
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
    }
}
