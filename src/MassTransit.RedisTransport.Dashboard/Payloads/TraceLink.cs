using System.Buffers;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Payloads;

/// <summary>
/// The address of a trace in the operator's tool. The id comes from a message: what is not 32 hexadecimal digits makes no address.
/// </summary>
internal static class TraceLink
{
    public const string Placeholder = "{traceId}";

    static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    public static Link? Of(string? template, string? traceId) =>
        template is not null && traceId?.Length == 32 && !traceId.AsSpan().ContainsAnyExcept(Hex)
            ? Link.External(template.Replace(Placeholder, traceId, StringComparison.OrdinalIgnoreCase))
            : null;
}
