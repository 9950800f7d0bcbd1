using System.Security.Cryptography;
using System.Text;

namespace MassTransit.RedisTransport.Broker.Records;

/// <summary>
/// Which failures are the same one: the exception's type and the first frame of the stack in the application's own code. Without such a
/// frame, the type and the fault's message, from which everything is taken that differs from message to message.
/// </summary>
/// <remarks>
/// It reads 64 KB of each text at most and goes through it once, without regular expressions, because the texts come from outside.
/// </remarks>
/// <param name="Id">14 hex digits, or <see cref="Unreadable"/>.</param>
/// <param name="Title">One line for people, 200 characters at most, without control characters.</param>
internal readonly record struct FailureFingerprint(string Id, string Title)
{
    /// <summary>The group of records that cannot be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The group of what came when there were as many groups as one queue keeps.</summary>
    public const string Other = "other";

    /// <summary>How much of a text is read.</summary>
    public const int MaxText = 64 * 1024;

    public const int MaxTitle = 200;

    /// <summary>
    /// 56 bits tell a few hundred groups apart. An id of one more digit would take 16 bytes more of the server's memory for each dead
    /// letter.
    /// </summary>
    const int IdLength = 14;

    /// <summary>True for an id that a queue can have.</summary>
    public static bool IsId(string? id) =>
        id is Unreadable or Other || (id?.Length == IdLength && id.All(char.IsAsciiHexDigitLower));

    /// <returns>The id.</returns>
    /// <exception cref="ArgumentException">No queue can have this id.</exception>
    public static string RequireId(string id, string name) => IsId(id)
        ? id : throw new ArgumentException($"'{id}' is no failure group: give the Id that ListGroupsAsync shows.", name);

    /// <summary>Of a record in a dead-letter queue; <c>null</c> if it cannot be read.</summary>
    public static FailureFingerprint Of(MessageRecord? record)
    {
        if (record is null)
            return new FailureFingerprint(Unreadable, "Records that cannot be read");

        string? type = null, message = null, stack = null, reason = null;
        foreach (var (name, value) in record.Headers)
        {
            if (name.Equals(RecordHeaders.FaultExceptionType, StringComparison.OrdinalIgnoreCase))
                type = value as string;
            else if (name.Equals(RecordHeaders.FaultMessage, StringComparison.OrdinalIgnoreCase))
                message = value as string;
            else if (name.Equals(RecordHeaders.FaultStackTrace, StringComparison.OrdinalIgnoreCase))
                stack = value as string;
            else if (name.Equals(RecordHeaders.Reason, StringComparison.OrdinalIgnoreCase))
                reason = value as string;
        }

        // A record that its receiver could not read is the body of another one.
        return reason == Unreadable ? Of(null) : Of(type, message, stack, reason);
    }

    public static FailureFingerprint Of(string? type, string? message, string? stack, string? reason)
    {
        var kind = string.IsNullOrEmpty(type) ? reason ?? "unknown" : type;
        kind = kind.Length > MaxTitle ? kind[..MaxTitle] : kind;
        var frame = StackFrames.FirstOwn(stack ?? "");
        var (what, title) = frame is null ? (FailureText.Normalize(message ?? ""), "") : (frame, " at " + frame);
        if (frame is null && what.Length > 0)
            title = ": " + what;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\n{(frame is null ? "message" : "frame")}\n{what}"));
        return new FailureFingerprint(Convert.ToHexStringLower(hash.AsSpan(0, IdLength / 2)), FailureText.Line(kind + title, MaxTitle));
    }
}
