namespace MassTransit.Webhooks;

/// <summary>Helpers for abandoned tasks.</summary>
internal static class TaskExtensions
{
    /// <summary>Observes the exception of a task that nobody awaits any more, so that it is not reported as unobserved.</summary>
    public static void ObserveFailure(this Task task) => _ = task.ContinueWith(
        static x => x.Exception, CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
