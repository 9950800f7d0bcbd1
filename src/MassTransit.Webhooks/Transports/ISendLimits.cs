namespace MassTransit.Webhooks;

/// <summary>
/// What a transport provides so that publishing webhooks ends in time. On a transport without it a publish ends with its token.
/// </summary>
internal interface ISendLimits
{
    /// <summary>How long a send may take, from the call to the confirmation.</summary>
    TimeSpan Timeout { get; }

    /// <summary>Completes when the broker answers; fails or is cancelled if it does not.</summary>
    Task PingAsync(CancellationToken cancellationToken);

    /// <summary>Creates the exception for a publish that was not finished. The sender may try again after it.</summary>
    Exception CreateException(string message, Exception? cause);
}
