namespace MassTransit.Webhooks;

/// <summary>Derives a message id from the identity of a webhook.</summary>
internal static class WebhookMessageId
{
    /// <summary>
    /// The first value that is hashed if there is more than receiver and id. It cannot be confused with a length, because no length is
    /// negative.
    /// </summary>
    const int More = -1;

    public static Guid Create(string receiver, string? tenant, string id, string? content)
    {
        using var hash = new IdentityHash(stackalloc byte[256]);
        if (tenant is null && content is null)
        {
            // This form is the original one. It is kept so that the ids of webhooks that applications publish do not change.
            hash.Append(receiver);
            hash.AppendBare(id);
        }
        else
        {
            hash.Append(More);
            hash.Append(receiver);
            hash.Append(tenant);
            hash.Append(id);
            hash.Append(content);
        }

        return hash.ToGuid();
    }
}
