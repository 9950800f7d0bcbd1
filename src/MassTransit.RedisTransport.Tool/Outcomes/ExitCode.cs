namespace MassTransit.RedisTransport.Tool.Outcomes;

/// <summary>What the process ends with. Scripts depend on these numbers: none is ever given another meaning.</summary>
static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed, or done in part: the output says how far.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a configuration cannot be understood.</summary>
    public const int Usage = 2;

    /// <summary>There is no such queue, message, group or operation.</summary>
    public const int NotFound = 3;

    /// <summary>Redis cannot be reached, or does not answer in time.</summary>
    public const int Unreachable = 4;

    /// <summary>Redis refuses: a password, a right, its memory.</summary>
    public const int Refused = 5;

    /// <summary>Nobody has confirmed. Nothing was changed.</summary>
    public const int NotConfirmed = 6;

    /// <summary>Something else came first: it is gone, was edited, another operation runs, or the queue cannot be used so.</summary>
    public const int Conflict = 7;

    /// <summary>A condition was not reached: <c>--wait</c>, <c>--fail-on</c>.</summary>
    public const int NotReached = 10;

    /// <summary>Ctrl+C. What was begun is whole, and a line says how to go on.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of the output has gone away, as after <c>| head -1</c>.</summary>
    public const int OutputClosed = 141;
}

/// <summary>Ends the verb with a message, and without a stack.</summary>
sealed class ToolException(int code, string message) : Exception(message)
{
    public int Code { get; } = code;

    public static ToolException Usage(string message) => new(ExitCode.Usage, message);

    public static ToolException NotFound(string message) => new(ExitCode.NotFound, message);

    public static ToolException Conflict(string message) => new(ExitCode.Conflict, message);
}
