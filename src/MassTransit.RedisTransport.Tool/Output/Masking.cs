using MassTransit.RedisTransport.Dashboard.Payloads;

namespace MassTransit.RedisTransport.Tool.Output;

/// <summary>
/// Values of headers that look like secrets are not shown unless somebody asks for them. Which those are is said once, for the pages and
/// for the tool.
/// </summary>
static class Masking
{
    public static bool IsSecret(string name) => Secrets.IsSecret(name);

    public static string Of(string name, string value, bool unmask) =>
        !unmask && IsSecret(name) ? "(masked: --unmask shows it)" : value;
}
