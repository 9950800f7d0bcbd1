namespace MassTransit.Webhooks.AspNetCore;

internal static class TaskExtensions
{
    /// <summary>Nobody may be left to wait for the task when it fails.</summary>
    public static void ObserveFailure(this Task task) => _ = task.ContinueWith(
        x => _ = x.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
