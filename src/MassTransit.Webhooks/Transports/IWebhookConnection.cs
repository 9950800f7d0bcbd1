namespace MassTransit.Webhooks;

/// <summary>
/// Gives access to the transport's connection for other data on its server. It is generic, because this package does not know the client
/// library.
/// </summary>
internal interface IWebhookConnection<TDatabase>
{
    /// <summary>The prefix of all keys of this application; <c>null</c> if there is none.</summary>
    string? KeyPrefix { get; }

    /// <summary>Returns the database on the server that the transport uses now.</summary>
    ValueTask<TDatabase> GetDatabaseAsync(CancellationToken cancellationToken);
}
