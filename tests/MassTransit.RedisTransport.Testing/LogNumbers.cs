using System.Reflection;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Testing;

/// <summary>Reads the number of a log line where it is declared, so that a test that counts lines cannot count others.</summary>
public static class LogNumbers
{
    /// <summary>Returns the number of a log line.</summary>
    /// <param name="messages">The class that declares the log lines of a package.</param>
    /// <param name="name">The method that writes the line.</param>
    public static int Of(Type messages, string name)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var method = messages.GetMethod(name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            ?? throw new ArgumentException($"{messages} writes no line '{name}'.", nameof(name));
        return method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId
            ?? throw new ArgumentException($"{messages}.{name} writes no log line.", nameof(name));
    }
}
