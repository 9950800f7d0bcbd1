namespace MassTransit.Webhooks;

/// <summary>What operators have set for the queue of a processor.</summary>
/// <param name="IsPaused">True if nothing may begin.</param>
/// <param name="Workers">How many workers there may be; <c>null</c>: as configured.</param>
/// <param name="Limit">How many webhooks may be in work in all processes together; <c>null</c>: any number.</param>
internal readonly record struct QueueOrder(bool IsPaused, int? Workers, int? Limit);

/// <summary>What a transport must provide so that a processor obeys what operators set for its queue while it runs.</summary>
internal interface IQueueControl
{
    /// <summary>
    /// Tells the follower what is set now and of every change, one at a time. The follower returns how many webhooks it can hold, and must
    /// not block.
    /// </summary>
    /// <returns>Disposing it ends that.</returns>
    IDisposable Follow(string queue, Func<QueueOrder, int> follower);

    /// <summary>
    /// Gives a message back to its place when its delivery ends, whatever filters do until then, as if it had never been delivered.
    /// </summary>
    void GiveBack(ConsumeContext context);

    /// <summary>True after a call of <see cref="GiveBack"/>, until the delivery ends.</summary>
    bool IsGivenBack(ConsumeContext context);
}

/// <summary>Used on transports whose queues operators cannot control.</summary>
internal sealed class NoQueueControl : IQueueControl, IDisposable
{
    public IDisposable Follow(string queue, Func<QueueOrder, int> follower) => this;

    public void GiveBack(ConsumeContext context) => throw new NotSupportedException("The transport cannot give a message back.");

    public bool IsGivenBack(ConsumeContext context) => false;

    public void Dispose()
    {
    }
}
