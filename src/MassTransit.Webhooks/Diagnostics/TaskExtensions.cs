namespace MassTransit.Webhooks;

/// <summary>Tasks that are given up.</summary>
internal static class TaskExtensions
{
    /// <summary>Keeps the failure of a task that nobody waits for any more from being reported as unobserved.</summary>
    public static void ObserveFailure(this Task task) => _ = task.ContinueWith(
        static x => x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
