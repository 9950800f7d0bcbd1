using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Diagnostics;

/// <summary>
/// All log messages of the transport. Event ids are stable, because operators filter and alert by them. Each subject has a range of ids;
/// docs/operations.md lists the ranges.
/// </summary>
internal static partial class LogMessages
{
    // Connections: from 1.

    [LoggerMessage(1, LogLevel.Critical,
        "The Redis server {Address} runs with maxmemory-policy '{Policy}' and MAY DELETE MESSAGES; AllowEvictionPolicy() "
        + "accepts that")]
    public static partial void EvictionAllowed(ILogger logger, string address, string policy);

    [LoggerMessage(2, LogLevel.Warning,
        "The Redis server {Address} keeps nothing on disk: a restart loses every message. Set 'appendonly yes' (appendfsync everysec)")]
    public static partial void NotPersistent(ILogger logger, string address);

    [LoggerMessage(3, LogLevel.Warning,
        "The connection to {Address} that the application gave to Host(connection) puts messages at risk: {Problem}")]
    public static partial void ExternalConnection(ILogger logger, string address, string problem);

    [LoggerMessage(4, LogLevel.Warning,
        "The user of the Redis server {Address} may not publish: sleeping receivers are not woken, and find what was sent by "
        + "looking once a second. Give it the channels of the prefix (ACL SETUSER ... '&{Prefix}*')")]
    public static partial void WakeUpRefused(ILogger logger, string address, string prefix);

    // Receiving: from 10.

    [LoggerMessage(10, LogLevel.Warning, "Receiving from {Queue} is interrupted and will be tried again: {Reason}")]
    public static partial void ReceiveInterrupted(ILogger logger, string queue, string reason, Exception exception);

    [LoggerMessage(11, LogLevel.Information, "Receiving from {Queue} goes on after an interruption of {Duration}")]
    public static partial void ReceiveResumed(ILogger logger, string queue, TimeSpan duration);

    [LoggerMessage(12, LogLevel.Critical, "Receiving from {Queue} is refused and will be tried again: {Reason}")]
    public static partial void ReceiveRefused(ILogger logger, string queue, string reason, Exception exception);

    [LoggerMessage(13, LogLevel.Error,
        "Subscriptions of {Queue} could not be declared: what it has is received, and the declaration is tried again. {Reason}")]
    public static partial void DeployRefused(ILogger logger, string queue, string reason, Exception exception);

    [LoggerMessage(14, LogLevel.Warning, "The server has lost the settings of {Queue}: queue and subscriptions are declared again")]
    public static partial void Redeclared(ILogger logger, string queue);

    [LoggerMessage(15, LogLevel.Warning, "Purged {Count} messages from {Queue} before it started")]
    public static partial void Purged(ILogger logger, string queue, long count);

    [LoggerMessage(16, LogLevel.Warning,
        "The server's user has no right to listen to channel {Channel}: {Queue} looks for messages {PerSecond} times a second "
        + "instead of being woken up. Give it the channels of the prefix (ACL: &prefix*, or &*)")]
    public static partial void WakeUpsRefused(ILogger logger, string queue, string channel, int perSecond, Exception exception);

    [LoggerMessage(17, LogLevel.Warning, "A message in {Queue} faulted outside its consumer and will be delivered again")]
    public static partial void DispatchFaulted(ILogger logger, string queue, Exception exception);

    [LoggerMessage(18, LogLevel.Error,
        "Message {Key} in {Queue} was delivered {Count} times without success and is moved to {Target} without being run again")]
    public static partial void DeliveryLimitReached(ILogger logger, string queue, string key, int count, string target);

    [LoggerMessage(19, LogLevel.Error, "Message {Key} in {Queue} cannot be read and is moved to {Target} as it is: {Reason}")]
    public static partial void Unreadable(ILogger logger, string queue, string key, string target, string reason);

    [LoggerMessage(20, LogLevel.Error, "A transport observer of {Queue} threw an exception; receiving goes on")]
    public static partial void ObserverFailed(ILogger logger, string queue, Exception exception);

    [LoggerMessage(21, LogLevel.Information,
        "{Queue} is paused: what has begun ends, and {Count} messages that had not begun are given back to their places")]
    public static partial void Paused(ILogger logger, string queue, int count);

    [LoggerMessage(22, LogLevel.Information, "{Queue} is resumed")]
    public static partial void Resumed(ILogger logger, string queue);

    // Leases: from 30.

    [LoggerMessage(30, LogLevel.Warning,
        "The lease of message {Key} in {Queue} was lost: its consumer was cancelled and the message will be delivered again")]
    public static partial void LeaseLost(ILogger logger, string queue, string key);

    [LoggerMessage(31, LogLevel.Warning,
        "The lease of message {Key} in {Queue} was not renewed for {Age}: its consumer was cancelled, and the message will be "
        + "delivered again unless the lease is found still to hold")]
    public static partial void LeaseOver(ILogger logger, string queue, string key, TimeSpan age);

    [LoggerMessage(32, LogLevel.Warning,
        "{Count} messages in {Queue} were taken back from leases that had ended: a consumer crashed or froze")]
    public static partial void Reclaimed(ILogger logger, string queue, int count);

    [LoggerMessage(33, LogLevel.Warning,
        "Leases in {Queue} were renewed {Age} after the last time, late for leases of {Lease}. The cause: {Cause}")]
    public static partial void RenewalLate(ILogger logger, string queue, TimeSpan age, TimeSpan lease, string cause);

    [LoggerMessage(34, LogLevel.Warning, "Leases in {Queue} could not be renewed; it is tried again until they end")]
    public static partial void RenewalFailed(ILogger logger, string queue, Exception exception);

    [LoggerMessage(35, LogLevel.Warning,
        "The acknowledgement of message {Key} in {Queue} was refused: its lease had ended, and it was or will be delivered again")]
    public static partial void AcknowledgementRefused(ILogger logger, string queue, string key);

    [LoggerMessage(36, LogLevel.Warning,
        "The acknowledgement of message {Key} in {Queue} did not reach the server; the message is delivered again after its lease")]
    public static partial void AcknowledgementFailed(ILogger logger, string queue, string key, Exception exception);

    [LoggerMessage(37, LogLevel.Warning, "{Count} messages could not be given back to {Queue} and wait for their leases to end")]
    public static partial void ReleaseFailed(ILogger logger, string queue, int count, Exception exception);

    // The data of a queue: from 50.

    [LoggerMessage(50, LogLevel.Warning,
        "{Count} members of {Queue} that no version of this transport writes were taken out of its sets: something else uses "
        + "its keys. Those that have records are moved to the error queue; further ones are not reported")]
    public static partial void ForeignMembers(ILogger logger, string queue, int count);

    [LoggerMessage(51, LogLevel.Error,
        "A record of {Queue} was in none of its sets and is moved to {Target} as {Key}: something else uses the queue's keys")]
    public static partial void Stray(ILogger logger, string queue, string key, string target);

    // Topics and answers: from 60.

    [LoggerMessage(60, LogLevel.Warning,
        "Topic {Topic} led to {Name} and leads there no more, and nobody has taken it out: the server has lost data, and it is "
        + "written again. IRedisQueues.DeleteAsync takes a queue out for good")]
    public static partial void SubscriptionLost(ILogger logger, string topic, string name);

    [LoggerMessage(61, LogLevel.Warning,
        "Topic {Topic} holds '{Member}', which is no subscription, or leads to a key of another type: it is passed over. "
        + "Another application uses the same names: set a KeyPrefix, or remove it")]
    public static partial void ForeignMember(ILogger logger, string topic, string member);

    [LoggerMessage(62, LogLevel.Warning,
        "The server's user has no right to {What} channel {Channel}: new subscriptions are noticed up to {Age} later. Give it "
        + "the channels of the prefix (ACL: &prefix*, or &*)")]
    public static partial void TopologyChannelRefused(ILogger logger, string what, string channel, TimeSpan age);

    [LoggerMessage(63, LogLevel.Debug, "An answer to {Queue} was dropped: the queue does not exist, so nobody waits for it any more")]
    public static partial void AnswerDropped(ILogger logger, string queue);

    // Background work: from 70.

    [LoggerMessage(70, LogLevel.Debug, "Background work of {Queue} failed and will be repeated")]
    public static partial void MaintenanceFailed(ILogger logger, string queue, Exception exception);

    // Operators: from 80.

    [LoggerMessage(85, LogLevel.Information,
        "{User} (proven: {IsProven}) did '{Action}' on {Queue}: {Outcome}, {Count} messages, selection {Selection}, reason {Reason}, "
        + "from {Address}, audit entry {Entry}")]
    public static partial void Audited(ILogger logger, string? user, bool isProven, string? action, string? queue, string outcome,
        long? count, string? selection, string? reason, string? address, string entry);

    [LoggerMessage(86, LogLevel.Warning,
        "The end of '{Action}' on {Queue} ({Outcome}) could not be written to the audit: entry {Entry} stays as started")]
    public static partial void AuditNotCompleted(ILogger logger, string? action, string? queue, string entry, string outcome,
        Exception exception);

    [LoggerMessage(87, LogLevel.Warning,
        "{Count} entries of the audit were not handed to an IOperationAudit of this process. They are in Redis, and what operators did was "
        + "done")]
    public static partial void AuditNotTold(ILogger logger, int count, Exception exception);
}
