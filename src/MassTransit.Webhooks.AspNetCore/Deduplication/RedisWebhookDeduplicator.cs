using StackExchange.Redis;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Remembers accepted webhooks in Redis, for all processes that serve the receivers. Each webhook takes two or three strings, which expire
/// by themselves.
/// </summary>
internal sealed class RedisWebhookDeduplicator(IWebhookConnection<IDatabase> connection, Func<string> keyPrefix) : IRepeatStore
{
    const string Pending = "pending:";

    static readonly string ClaimScript = Read("claim.lua");
    static readonly string ConfirmScript = Read("confirm.lua");
    static readonly string ReleaseScript = Read("release.lua");

    string? _prefix;
    Kind? _kind;

    public async Task<WebhookClaim> ClaimAsync(Guid webhook, string owner, TimeSpan pending, CancellationToken cancellationToken)
    {
        var database = await connection.GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
        return (await ClaimAsync(database, [webhook], 1, owner, pending).ConfigureAwait(false))[0];
    }

    public async Task<WebhookClaim[]> ClaimAsync(Guid[] keys, int decisive, string owner, TimeSpan pending,
        CancellationToken cancellationToken)
    {
        var database = await connection.GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
        return IsCluster(database)
            ? await this.ClaimEachAsync(keys, decisive, owner, pending, cancellationToken).ConfigureAwait(false)
            : await ClaimAsync(database, keys, decisive, owner, pending).ConfigureAwait(false);
    }

    public async Task ConfirmAsync(Guid webhook, TimeSpan window, CancellationToken cancellationToken)
    {
        var database = await connection.GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
        await ConfirmAsync(database, [webhook], window).ConfigureAwait(false);
    }

    public async Task ConfirmAsync(Guid[] keys, TimeSpan window, CancellationToken cancellationToken)
    {
        var database = await connection.GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
        await (IsCluster(database) ? this.ConfirmEachAsync(keys, window, cancellationToken) : ConfirmAsync(database, keys, window))
            .ConfigureAwait(false);
    }

    public async Task ReleaseAsync(Guid webhook, string owner, CancellationToken cancellationToken)
    {
        var database = await connection.GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
        await ReleaseAsync(database, [webhook], owner).ConfigureAwait(false);
    }

    public async Task ReleaseAsync(Guid[] keys, string owner, CancellationToken cancellationToken)
    {
        var database = await connection.GetDatabaseAsync(cancellationToken).ConfigureAwait(false);
        await (IsCluster(database) ? this.ReleaseEachAsync(keys, owner, cancellationToken) : ReleaseAsync(database, keys, owner))
            .ConfigureAwait(false);
    }

    async Task<WebhookClaim[]> ClaimAsync(IDatabase database, Guid[] keys, int decisive, string owner, TimeSpan pending)
    {
        var found = (RedisResult[])(await database.ScriptEvaluateAsync(ClaimScript, Keys(keys),
            [Pending + owner, decisive, Milliseconds(pending)]).ConfigureAwait(false))!;
        return Array.ConvertAll(found, x => (int)x switch
        {
            0 => WebhookClaim.Claimed,
            1 => WebhookClaim.Pending,
            _ => WebhookClaim.Accepted
        });
    }

    Task<RedisResult> ConfirmAsync(IDatabase database, Guid[] keys, TimeSpan window) =>
        database.ScriptEvaluateAsync(ConfirmScript, Keys(keys), [Milliseconds(window)]);

    Task<RedisResult> ReleaseAsync(IDatabase database, Guid[] keys, string owner) =>
        database.ScriptEvaluateAsync(ReleaseScript, Keys(keys), [Pending + owner]);

    static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    RedisKey[] Keys(Guid[] keys)
    {
        var prefix = _prefix ??= keyPrefix();
        return Array.ConvertAll(keys, x => (RedisKey)$"{prefix}:{x:N}");
    }

    /// <summary>
    /// Whether the server is a cluster. In a cluster the keys of one webhook lie on several servers, and a script can reach only one.
    /// </summary>
    bool IsCluster(IDatabase database)
    {
        if (_kind is { } known && ReferenceEquals(known.Connection, database.Multiplexer))
            return known.IsCluster;
        var servers = database.Multiplexer.GetServers().Where(x => x.IsConnected).ToArray();
        var isCluster = servers.Any(x => x.ServerType == ServerType.Cluster);
        if (servers.Length > 0)
            _kind = new Kind(database.Multiplexer, isCluster);
        return isCluster;
    }

    static string Read(string name)
    {
        using var stream = typeof(RedisWebhookDeduplicator).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    sealed record Kind(IConnectionMultiplexer Connection, bool IsCluster);
}
