namespace MassTransit.RedisTransport.FaultWorker;

/// <summary>How the lines of a worker begin; an id or a number follows where there is one.</summary>
public static class Report
{
    public const string Ready = "ready";

    /// <summary>A consumer was given the message.</summary>
    public const string Begun = "begun";

    /// <summary>The consumer has done its work; the acknowledgement comes after this line.</summary>
    public const string Done = "done";

    /// <summary>The consumer was cancelled before it was done.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>A send has completed.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>The transport has logged a warning or worse, with this number.</summary>
    public const string Logged = "logged";

    public const string Stopped = "stopped";
}
