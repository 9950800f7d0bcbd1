using System.Net;
using Microsoft.AspNetCore.Http;

namespace MassTransit.RedisTransport.Dashboard.Access;

/// <summary>
/// Tells a developer's own browser from everything else. Both ends are loopback, the host is a name of this machine (a page of another
/// site whose name was pointed to 127.0.0.1 has another one), and no proxy has left a header: behind a proxy every request comes from
/// loopback.
/// </summary>
internal static class LocalRequest
{
    static readonly string[] Hosts = ["localhost", "127.0.0.1", "[::1]", "::1"];
    static readonly string[] Exact = ["Forwarded", "X-Real-IP", "Via"];
    static readonly string[] Families = ["X-Forwarded-", "X-Original-"];

    public static bool Is(HttpContext context) =>
        IsLoopback(context.Connection.RemoteIpAddress) && IsLoopback(context.Connection.LocalIpAddress)
        && Hosts.Contains(context.Request.Host.Host, StringComparer.OrdinalIgnoreCase)
        && !context.Request.Headers.Keys.Any(IsOfProxy);

    static bool IsLoopback(IPAddress? address) => address is not null && IPAddress.IsLoopback(address);

    static bool IsOfProxy(string header) =>
        Exact.Contains(header, StringComparer.OrdinalIgnoreCase)
        || Families.Any(x => header.StartsWith(x, StringComparison.OrdinalIgnoreCase));
}
