namespace MassTransit.Webhooks;

/// <summary>The connection that a transport has to its server, for what else is to be remembered there. In the terms of a client this package does not know.</summary>
internal interface IWebhookConnection<TDatabase>
{
    /// <summary>What all keys of this application begin with; <c>null</c> where it has none.</summary>
    string? KeyPrefix { get; }

    /// <summary>The database, of the server that the transport uses now.</summary>
    ValueTask<TDatabase> GetDatabaseAsync(CancellationToken cancellationToken);
}
