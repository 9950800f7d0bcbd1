using System.Security.Claims;
using MassTransit.RedisTransport.Dashboard.Diagnostics;

namespace MassTransit.RedisTransport.Dashboard.Access;

/// <summary>Who asks, and what they may do.</summary>
internal sealed class Viewer(ClaimsPrincipal user, string name, IReadOnlySet<Right> rights, bool mustSignIn,
    Func<ClaimsPrincipal, string, bool>? visible)
{
    /// <summary>True if the host knows who it is.</summary>
    public bool IsSignedIn => user.Identity?.IsAuthenticated == true;

    /// <summary>How they are named in the audit and on the page.</summary>
    public string Name => name;

    /// <summary>True if a sign-in may give more rights.</summary>
    public bool MustSignIn => mustSignIn;

    public bool Can(Right right) => rights.Contains(right);

    /// <summary>True if the application hides no queue from anybody.</summary>
    public bool SeesAll => visible is null;

    /// <summary>False for a queue that the application hides from this user. A dead-letter queue is seen by who sees its queue.</summary>
    public bool Sees(string queue) =>
        visible is null || ApplicationCode.Call(nameof(RedisDashboardOptions.Visible), () => visible(user, Original(queue)));

    /// <summary>True for a dead-letter queue all of whose letters are of one queue, which the user sees.</summary>
    public bool SeesWhole(string queue) => visible is null || (Original(queue) != queue && Sees(queue));

    /// <summary>A dead letter is seen by who sees the queue that it came from; without one, by who sees where it is.</summary>
    public bool Sees(RedisDeadLetter letter) => Sees(letter.OriginalQueue.Length > 0 ? letter.OriginalQueue : letter.Queue);

    /// <summary>What is asked of each dead letter of a queue; <c>null</c>: nothing is hidden from anybody.</summary>
    public Func<RedisDeadLetter, bool>? Predicate => visible is null ? null : Sees;

    static string Original(string queue) =>
        queue.EndsWith("_error", StringComparison.Ordinal) ? queue[..^6]
        : queue.EndsWith("_skipped", StringComparison.Ordinal) ? queue[..^8]
        : queue;
}
