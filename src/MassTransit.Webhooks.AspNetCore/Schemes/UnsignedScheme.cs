using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Accepts every request. It is used only if the user has asked for it.</summary>
internal sealed class UnsignedScheme(string? idHeader, string? eventTypeHeader) : WebhookScheme
{
    public override bool NeedsSecret => false;

    public override IngressReason Precheck(IHeaderDictionary headers, DateTimeOffset now, TimeSpan tolerance) => IngressReason.Accepted;

    public override IngressReason Begin(in SignedHeaders request, out SignatureCheck? check)
    {
        check = SignatureCheck.Passed;
        return IngressReason.Accepted;
    }

    public override WebhookFacts Describe(IHeaderDictionary headers, ReadOnlySpan<byte> body) =>
        new(HeaderReader.ReadOptional(headers, idHeader), HeaderReader.ReadOptional(headers, eventTypeHeader) ?? "");
}
