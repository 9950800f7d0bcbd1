using System.Net.Sockets;
using MassTransit.RedisTransport.Scripts;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>Classifies failures: their meaning in plain words, and whether a retry may help.</summary>
internal static class RedisErrors
{
    /// <summary>True if the server cannot be reached, is starting, failing over or busy. The same call may succeed soon.</summary>
    public static bool IsTransient(Exception exception) => exception switch
    {
        RedisConnectionException or TimeoutException => true,
        // The client is closed, or was called with a command that it does not know.
        ObjectDisposedException or RedisCommandException => false,
        // The client throws these when it closes a connection with pending calls.
        InvalidOperationException or IOException or SocketException => true,
        RedisTransportException { IsTransient: true } => true,
        RedisServerException server => StartsWithAny(server.Message,
            "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "BUSY", "UNBLOCKED", "NOREPLICAS"),
        _ => false,
    };

    /// <summary>True for exceptions of the client about the server or the connection to it.</summary>
    public static bool IsOfClient(Exception exception) => exception is RedisException or TimeoutException;

    /// <summary>
    /// True if the server's memory or disk is full. Calls that add data fail at once. Calls that remove data help, and are repeated until
    /// there is room.
    /// </summary>
    public static bool IsFull(Exception exception) => exception is RedisServerException
        && (exception.Message.Contains("OOM ", StringComparison.Ordinal)
            || exception.Message.Contains("MISCONF", StringComparison.Ordinal));

    /// <summary>True if the user lacks the right to a command, a key or a channel.</summary>
    public static bool IsNoPermission(RedisServerException exception) => exception.Message.Contains("NOPERM", StringComparison.Ordinal);

    /// <summary>True if the failure is transient for this script.</summary>
    public static bool IsTransient(RedisScript script, Exception exception) =>
        IsTransient(exception) || (Drains(script) && IsFull(exception));

    /// <summary>True for scripts that remove data from the server, or keep messages in progress from being run twice.</summary>
    public static bool Drains(RedisScript script) =>
        script.Name is "settle" or "lease" or "recover" or "renew" or "release" or "putoff" or "move" or "split" or "remove" or "control";

    /// <summary>True if the server cannot have received any part of the call.</summary>
    public static bool WasNeverSent(Exception exception) => exception switch
    {
        RedisTransportException => true,
        RedisConnectionException connection => connection.CommandStatus is CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog,
        RedisTimeoutException timeout => timeout.Commandstatus is CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog,
        RedisServerException => true,
        _ => false,
    };

    public static RedisTransportException Refused(RedisScript script, RedisKey[] keys, RedisServerException exception) =>
        Refused(script.Name, SubjectOf(keys), exception);

    public static RedisTransportException Refused(string operation, string subject, RedisServerException exception)
    {
        var message = exception.Message;
        var cure = message switch
        {
            _ when message.Contains("WRONGTYPE", StringComparison.Ordinal) =>
                "A key of this queue holds another type of value: another application uses the same names. Set a KeyPrefix, or rename "
                + "or delete the foreign key (TYPE shows which one it is).",
            _ when message.Contains("OOM", StringComparison.Ordinal) =>
                "The server has reached maxmemory. Consumers can still drain it; raise maxmemory, or find what fills it.",
            _ when message.Contains("MISCONF", StringComparison.Ordinal) =>
                "The server cannot write its snapshot and refuses writes. Look at its disk and its log.",
            _ when IsNoPermission(exception) || message.Contains("NOAUTH", StringComparison.Ordinal) =>
                "The user lacks a right: it needs the keys and channels of the prefix, +@all -@dangerous +info, and scripts (+eval "
                    + "+evalsha).",
            _ when message.Contains("CROSSSLOT", StringComparison.Ordinal) =>
                "Keys of one operation lie in different slots: this is a defect of the transport, please report it.",
            _ => "See the server's message.",
        };
        return new RedisTransportException($"Redis refused '{operation}' on {subject}: {FirstLine(message)}. {cure}", exception);
    }

    public static RedisTransportException Unanswered(RedisScript script, Exception exception) =>
        exception as RedisTransportException
        ?? new RedisTransportException($"Redis did not answer '{script.Name}' ({FirstLine(exception.Message)}).",
            exception)
        { IsTransient = true };

    /// <summary>The exception if the time is over and the result of the operation is unknown.</summary>
    public static RedisTransportException NotConfirmed(string operation, TimeSpan timeout, Exception exception)
    {
        var cure = exception switch
        {
            PoolStarvedException =>
                "It may or may not have been applied. Await tasks instead of blocking on them, or raise ThreadPool.SetMinThreads.",
            _ when exception.Message.Contains("READONLY", StringComparison.Ordinal) =>
                "No server that was named is a primary: connect to the primary, name both servers of a pair whose roles are switched, or "
                + "name the Sentinels, which know who that is.",
            _ when IsFull(exception) => "The server's memory or disk is full: look at maxmemory, at its disk and at its log.",
            _ => "It may or may not have been applied. Check the server; SendTimeout says how long a send waits through an outage.",
        };
        return new RedisTransportException(
            $"Redis did not confirm '{operation}' within {timeout.TotalSeconds:0.#} s ({FirstLine(exception.Message)}). {cure}", exception)
        { IsTransient = true };
    }

    /// <summary>The exception if the time was over before the first attempt, because earlier calls had failed.</summary>
    public static RedisTransportException NotTried(RedisScript script, TimeSpan timeout, Exception outage) =>
        new($"'{script.Name}' waited {timeout.TotalSeconds:0.#} s behind calls that Redis did not answer, and was not "
            + "tried. Check the server; SendTimeout says how long a send waits through an outage.", outage.GetBaseException())
        { IsTransient = true };

    /// <summary>The subject of a call for messages, which is its first key.</summary>
    public static string SubjectOf(RedisKey[] keys) => keys.Length > 0 ? keys[0].ToString() : "";

    static string FirstLine(string message)
    {
        var end = message.AsSpan().IndexOfAny('\r', '\n');
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }

    static bool StartsWithAny(string message, params ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (message.StartsWith(prefix, StringComparison.Ordinal))
                return true;
        }

        // An error of a command inside a script is part of the script's own error message.
        return message.Contains("READONLY", StringComparison.Ordinal) || message.Contains("LOADING", StringComparison.Ordinal);
    }
}
