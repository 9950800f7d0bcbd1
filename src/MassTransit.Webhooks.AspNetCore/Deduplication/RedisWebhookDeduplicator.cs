using StackExchange.Redis;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Remembers in Redis, for all processes that serve the receivers: one string a webhook, which expires by itself.</summary>
internal sealed class RedisWebhookDeduplicator(RedisConnection connection, string keyPrefix) : IWebhookDeduplicator
{
    const string Accepted = "accepted";
    const string Pending = "pending:";

    static readonly string Release = ReadScript();

    public async Task<WebhookClaim> ClaimAsync(Guid webhook, string owner, TimeSpan pending, CancellationToken cancellationToken)
    {
        var database = await connection.GetDatabaseAsync().ConfigureAwait(false);
        var key = Key(webhook);
        if (await database.StringSetAsync(key, Pending + owner, pending, When.NotExists).ConfigureAwait(false))
            return WebhookClaim.Claimed;
        // Gone in between: it was released or has expired, and the next attempt will get it.
        return await database.StringGetAsync(key).ConfigureAwait(false) == Accepted ? WebhookClaim.Accepted : WebhookClaim.Pending;
    }

    public async Task ConfirmAsync(Guid webhook, TimeSpan window, CancellationToken cancellationToken)
    {
        var database = await connection.GetDatabaseAsync().ConfigureAwait(false);
        await database.StringSetAsync(Key(webhook), Accepted, window).ConfigureAwait(false);
    }

    public async Task ReleaseAsync(Guid webhook, string owner, CancellationToken cancellationToken)
    {
        var database = await connection.GetDatabaseAsync().ConfigureAwait(false);
        await database.ScriptEvaluateAsync(Release, [Key(webhook)], [Pending + owner]).ConfigureAwait(false);
    }

    RedisKey Key(Guid webhook) => $"{keyPrefix}:{webhook:N}";

    static string ReadScript()
    {
        using var stream = typeof(RedisWebhookDeduplicator).Assembly.GetManifestResourceStream("release-claim.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
