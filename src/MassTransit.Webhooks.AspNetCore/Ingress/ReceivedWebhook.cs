using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>A verified webhook and the keys by which a repeat of it is recognized.</summary>
internal sealed record ReceivedWebhook(Webhook Webhook, Guid MessageId, RepeatKeys Keys, WebhookAnswer Success)
{
    const int LongestId = 256;

    /// <param name="context">The request.</param>
    /// <param name="receiver">The receiver of the request.</param>
    /// <param name="settings">The receiver's options.</param>
    /// <param name="facts">The facts that the request states about itself.</param>
    /// <param name="body">The body of the request.</param>
    /// <param name="tenant">Whose address it was; <c>null</c> if one receiver has one owner.</param>
    /// <param name="proof">A value that identifies the signed bytes; <c>null</c> if nothing is signed.</param>
    /// <param name="now">When it was received.</param>
    public static ReceivedWebhook Create(
        HttpContext context, ReceiverDefinition receiver, WebhookReceiverOptions settings, WebhookFacts facts, byte[] body, string? tenant,
        byte[]? proof, DateTimeOffset now)
    {
        var scheme = receiver.Scheme!;
        var isNamed = facts.Id is { Length: > 0 };
        var webhook = new Webhook
        {
            Id = isNamed ? Shorten(facts.Id!) : settings.EqualBodiesAreRepeats
                ? $"sha256-{Convert.ToHexStringLower(SHA256.HashData(body))}" : $"generated-{Guid.CreateVersion7():N}",
            Receiver = receiver.Name,
            EventType = facts.EventType.Length <= LongestId ? facts.EventType : "",
            ReceivedAt = now,
            ContentType = context.Request.ContentType,
            Headers = HeaderSelection.Select(context.Request.Headers, settings.Headers, scheme.ProofHeaders),
            Body = body,
            Tenant = tenant,
            IsIdSigned = isNamed && facts.IsIdSigned,
            IsEventTypeSigned = facts.IsEventTypeSigned
        };

        var isKnownAgain = isNamed || settings.EqualBodiesAreRepeats;
        if (isKnownAgain)
            webhook = webhook with { ContentDigest = Digest(context.Request, webhook.IsIdSigned, facts.EventType, body) };
        var messageId = webhook.GetMessageId();
        return new ReceivedWebhook(webhook, messageId, new RepeatKeys
        {
            Message = isKnownAgain ? messageId : null,
            Id = isKnownAgain ? WebhookMessageId.Create(webhook.Receiver, webhook.Tenant, webhook.Id, null) : null,
            Signed = webhook.IsIdSigned
                ? null : SignedKey(webhook, facts.EventType, proof, settings.ReplayProtection ?? scheme.ReplayProtection),
            // If the sender usually gives an id, the signed bytes of a webhook without an id are not remembered, so they do not make the
            // next webhook a repeat.
            KeepsSigned = isKnownAgain || !scheme.HasIdHeader
        }, settings.SuccessOf(scheme));
    }

    static string Shorten(string id) =>
        id.Length <= LongestId ? id : $"id-sha256-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))}";

    /// <summary>
    /// Hashes the content by which repeats are compared. If the id is signed, this is the body alone: anyone who has captured the request
    /// could change the rest and so make it look like another webhook. Otherwise it also includes the event type and the address.
    /// </summary>
    static string Digest(HttpRequest request, bool isIdSigned, string eventType, byte[] body)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, digest);
        if (!isIdSigned)
        {
            using var hash = new IdentityHash(stackalloc byte[512]);
            hash.Append(eventType);
            // Routes ignore case.
            hash.Append((request.PathBase + request.Path).ToString().ToLowerInvariant());
            hash.Append(request.QueryString.Value ?? "");
            hash.AppendBare(digest);
            hash.Hash(digest);
        }

        return Convert.ToHexStringLower(digest[..16]);
    }

    static Guid? SignedKey(Webhook webhook, string eventType, byte[]? proof, WebhookReplayProtection protection)
    {
        if (proof is null || protection == WebhookReplayProtection.None)
            return null;

        using var hash = new IdentityHash(stackalloc byte[256]);
        hash.Append("signed");
        hash.Append(webhook.Receiver);
        hash.Append(webhook.Tenant);
        hash.Append(protection == WebhookReplayProtection.SameEventType ? eventType : null);
        hash.AppendBare(proof);
        return hash.ToGuid();
    }
}

/// <summary>The keys by which a repeat is recognized.</summary>
internal readonly record struct RepeatKeys
{
    /// <summary>Receiver, tenant, id and content; <c>null</c> if the webhook has no id, so that no other is its repeat.</summary>
    public Guid? Message { get; init; }

    /// <summary>Receiver, tenant and id alone. It shows that an id was used again with other content.</summary>
    public Guid? Id { get; init; }

    /// <summary>The signed bytes, if the signature does not cover the id; <c>null</c> if a replay of them is not looked for.</summary>
    public Guid? Signed { get; init; }

    /// <summary>Whether the signed bytes are remembered. If not, they are only looked up.</summary>
    public bool KeepsSigned { get; init; }

    public bool IsEmpty => Message is null && Signed is null;
}
