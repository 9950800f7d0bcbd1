namespace MassTransit.Webhooks;

/// <summary>What a transport says of its sends, so that publishing webhooks ends in time. A publish on a transport without it ends with its token.</summary>
internal interface ISendLimits
{
    /// <summary>How long a send may take, from the call to the confirmation.</summary>
    TimeSpan Timeout { get; }

    /// <summary>Completes when the broker answers; fails, or is cancelled, where it does not.</summary>
    Task PingAsync(CancellationToken cancellationToken);

    /// <summary>Makes the exception for a publish that has not come to its end, after which the sender may try again.</summary>
    Exception CreateException(string message, Exception? cause);
}
