namespace MassTransit.RedisTransport.Dashboard.Access;

/// <summary>What somebody may do. Each endpoint declares one; each is a policy of the application.</summary>
internal enum Right
{
    /// <summary>Sees queues, counts, failures and their stack traces.</summary>
    View = 1,

    /// <summary>Sees bodies and the values of headers.</summary>
    ViewPayload,

    /// <summary>Replays, pauses, limits.</summary>
    Operate,

    /// <summary>Changes a message.</summary>
    Edit,

    /// <summary>Purges and deletes.</summary>
    Destroy,
}

/// <summary>Marks an endpoint with the right that it asks for.</summary>
internal sealed record RequiredRight(Right Right);
