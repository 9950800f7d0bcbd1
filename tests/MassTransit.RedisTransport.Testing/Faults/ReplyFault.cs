namespace MassTransit.RedisTransport.Testing;

/// <summary>One order to lose replies.</summary>
sealed class ReplyFault(Func<ReadOnlySpan<byte>, bool>? request, bool thenCut)
{
    readonly TaskCompletionSource _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _claimed;

    public bool ThenCut => thenCut;

    public bool IsForAll => request is null;

    public Task Happened => _happened.Task;

    /// <summary>True for the first request that matches, and for no other.</summary>
    public bool Claims(ReadOnlySpan<byte> bytes) =>
        request is not null && Volatile.Read(ref _claimed) == 0 && request(bytes) && Interlocked.Exchange(ref _claimed, 1) == 0;

    public void Done() => _happened.TrySetResult();
}
