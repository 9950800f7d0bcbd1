namespace MassTransit.RedisTransport.Tool.Output;

/// <summary>Types of messages, in the words of a person.</summary>
static class MessageTypes
{
    /// <summary>The last part: <c>Paid</c> of <c>urn:message:Shop:Paid</c>.</summary>
    public static string Short(string urn) => urn[(urn.LastIndexOf(':') + 1)..];
}
