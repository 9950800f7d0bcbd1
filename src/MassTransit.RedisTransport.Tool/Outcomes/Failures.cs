using System.Net.Http;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Outcomes;

/// <summary>What an exception is to the caller: a number and a sentence.</summary>
static class Failures
{
    static readonly string[] Refusals =
        ["WRONGPASS", "NOAUTH", "NOPERM", "authentication failure", "invalid username-password", "invalid password"];

    /// <summary>The exit code and the message; a <c>null</c> message: nothing is to be said.</summary>
    public static (int Code, string? Message) Describe(Exception exception) => exception switch
    {
        OutputClosedException => (ExitCode.OutputClosed, null),
        ToolException tool => (tool.Code, tool.Message),
        OperationCanceledException => (ExitCode.Interrupted, "Interrupted."),
        RedisConflictException or RedisOperationRunningException => (ExitCode.Conflict, exception.Message),
        RedisQueueNotFoundException => (ExitCode.NotFound, exception.Message),
        RedisTransportException transport => Describe(transport),
        ConfigurationException => (ExitCode.Usage, exception.Message),
        ArgumentException argument => (ExitCode.Usage, Plain(argument)),
        HttpRequestException => (ExitCode.Failed, exception.Message),
        FormatException => (ExitCode.Usage, exception.Message),
        IOException or UnauthorizedAccessException => (ExitCode.Failed, exception.Message),
        _ => (ExitCode.Failed, $"{exception.GetType().Name}: {exception.Message}"),
    };

    static (int Code, string Message) Describe(RedisTransportException exception)
    {
        if (IsRefusal(exception))
            return (ExitCode.Refused, $"{exception.Message} Redis refuses the user or the password.");
        return (exception.IsTransient ? ExitCode.Unreachable : ExitCode.Refused, exception.Message);
    }

    /// <summary>The client tries again after a wrong password as if the server were away; to a person that is another matter.</summary>
    static bool IsRefusal(RedisTransportException exception)
    {
        if (!exception.IsTransient)
            return false;
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (Array.Exists(Refusals, x => cause.Message.Contains(x, StringComparison.OrdinalIgnoreCase)))
                return true;
        }

        return false;
    }

    /// <summary>Without the name of a parameter, which nobody at a shell knows.</summary>
    static string Plain(ArgumentException exception)
    {
        var end = exception.Message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
