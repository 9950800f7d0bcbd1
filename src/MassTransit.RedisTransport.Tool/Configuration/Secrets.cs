using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Configuration;

/// <summary>Secrets come from variables and files: an argument is in the shell's history and in the list of processes.</summary>
static class Secrets
{
    /// <summary>A file may end with a line break, as editors make it; a secret does not.</summary>
    public static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw ToolException.Usage($"The secret cannot be read from {path}: {exception.Message}");
        }
    }

    public static string ReadVariable(ToolConsole console, string name) => console.Variable(name)
        ?? throw ToolException.Usage($"The variable {name}, which is to hold the secret, is not set.");
}
