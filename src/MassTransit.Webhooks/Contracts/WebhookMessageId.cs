namespace MassTransit.Webhooks;

/// <summary>Derives a message id from what makes a webhook that webhook.</summary>
internal static class WebhookMessageId
{
    /// <summary>Begins what is hashed where there is more than receiver and id: no length is negative.</summary>
    const int More = -1;

    public static Guid Create(string receiver, string? tenant, string id, string? content)
    {
        using var hash = new IdentityHash(stackalloc byte[256]);
        if (tenant is null && content is null)
        {
            // As it has always been: the ids of webhooks that applications publish do not change.
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
