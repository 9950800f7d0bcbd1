using System.Security.Claims;

namespace MassTransit;

/// <summary>
/// Who may do what on the dashboard, and what it links to. Without any policy it is closed: in Development it answers only to a browser
/// on the same machine that comes through no proxy; elsewhere to nobody.
/// </summary>
public sealed class RedisDashboardOptions
{
    /// <summary>
    /// The authorization policy for seeing queues, counts, failures and stack traces. Default: <c>null</c>, nobody. A right without a
    /// policy is denied, so that <see cref="View"/> alone gives a board to look at.
    /// </summary>
    public string? View { get; set; }

    /// <summary>The policy for seeing bodies and the values of headers, and for downloads. Default: <c>null</c>, nobody.</summary>
    public string? ViewPayload { get; set; }

    /// <summary>The policy for replay, pause, resume, limits and notes. Default: <c>null</c>, nobody.</summary>
    public string? Operate { get; set; }

    /// <summary>The policy for changing a message before its replay. Default: <c>null</c>, nobody.</summary>
    public string? Edit { get; set; }

    /// <summary>The policy for purging messages and deleting queues. Default: <c>null</c>, nobody.</summary>
    public string? Destroy { get; set; }

    /// <summary>Refuses everything but looking, whatever the policies allow. Default: false.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>
    /// Works on bulk operations in this process while it runs, whoever has started them, as <c>AddRedisOperations</c> does. While there is
    /// none it costs one small call every 2.5 seconds. Without any such process, operations that are started on the dashboard do not begin.
    /// Default: true. A dashboard with <see cref="ReadOnly"/> does not.
    /// </summary>
    public bool RunOperations { get; set; } = true;

    /// <summary>
    /// Says which users see which queues. The dead letters of a queue are seen by who sees the queue. It is asked on the server for
    /// lists, single messages and bulk actions alike. Default: <c>null</c>, everybody with the right sees all.
    /// </summary>
    public Func<ClaimsPrincipal, string, bool>? Visible { get; set; }

    /// <summary>
    /// The path of the dashboard as browsers see it, if a proxy removes or adds a part: <c>/tools/ops</c>. Default: <c>null</c>, the path
    /// base and the path of the request.
    /// </summary>
    public string? PublicPath { get; set; }

    /// <summary>
    /// Scheme, host and port as browsers see them (<c>https://ops.example.com</c>), if a proxy changes the <c>Host</c> header. Used only
    /// to recognize forms of the dashboard itself, from browsers that do not say where a request comes from. Default: <c>null</c>.
    /// </summary>
    public string? PublicOrigin { get; set; }

    /// <summary>
    /// The address of a trace, with <c>{traceId}</c> for the id: <c>http://localhost:16686/trace/{traceId}</c>. Only the browser follows
    /// it, the server never does. Default: <c>null</c>, no links.
    /// </summary>
    public string? TraceUrl { get; set; }

    /// <summary>The address of your graphs, for a link. Default: <c>null</c>, none.</summary>
    public string? GrafanaUrl { get; set; }

    /// <summary>
    /// Says by its name whether the value of a header is hidden. It replaces the default, which hides names that contain authorization,
    /// cookie, token, secret, signature, api-key or password.
    /// </summary>
    public Func<string, bool>? IsSecretHeader { get; set; }

    /// <summary>
    /// Changes a body, given with its content type, before it is shown or downloaded. Default: <c>null</c>, it is shown as it is.
    /// </summary>
    public Func<ReadOnlyMemory<byte>, string?, ReadOnlyMemory<byte>>? RedactBody { get; set; }

    internal bool IsOpenToEveryone { get; private set; }

    /// <summary>
    /// Gives every right to everybody who reaches the address. Use it only where something else decides who does: a port that is
    /// reachable only from inside, or a proxy that signs users in.
    /// </summary>
    public void UnsafelyOpenToEveryone() => IsOpenToEveryone = true;
}
