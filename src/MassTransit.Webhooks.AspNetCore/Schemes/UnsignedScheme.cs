using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Believes everybody. Only where the user said so.</summary>
internal sealed class UnsignedScheme(string? idHeader, string? eventTypeHeader) : WebhookScheme
{
    public override bool NeedsSecret => false;

    public override IngressReason Verify(in SignedRequest request) => IngressReason.Accepted;

    public override WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body) =>
        new(HeaderReader.ReadOptional(headers, idHeader), HeaderReader.ReadOptional(headers, eventTypeHeader) ?? "");
}
