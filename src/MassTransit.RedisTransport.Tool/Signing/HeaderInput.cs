using MassTransit.RedisTransport.Tool.Outcomes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MassTransit.RedisTransport.Tool.Signing;

/// <summary>
/// Headers as people have them: <c>Name: value</c>, one a line or one an option, or as a shell's <c>curl -i</c> shows them.
/// </summary>
static class HeaderInput
{
    public static HeaderDictionary Parse(IEnumerable<string> lines)
    {
        var headers = new HeaderDictionary();
        foreach (var line in lines.Select(x => x.TrimEnd('\r')).Where(x => x.Trim().Length > 0))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                // The first line of a request, or of an answer.
                if (line.Contains("HTTP/", StringComparison.Ordinal))
                    continue;
                throw ToolException.Usage($"'{line}' is no header: write 'Name: value'.");
            }

            var name = line[..colon].Trim();
            headers[name] = StringValues.Concat(headers[name], line[(colon + 1)..].Trim());
        }

        return headers;
    }
}
