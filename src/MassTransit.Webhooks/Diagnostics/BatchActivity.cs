using System.Diagnostics;

namespace MassTransit.Webhooks.Diagnostics;

/// <summary>
/// The span of one batch. It has a parent in each webhook's trace, so it is in none of them: it begins a trace of its own, with a
/// link to each webhook's attempt and a link back from there. A batch of one is the child of that one's attempt. It is
/// sampled when one of its webhooks is.
/// </summary>
internal sealed class BatchActivity : IDisposable
{
    const int LongestReason = 256;

    static readonly string[] Results = [.. Enum.GetValues<WebhookStatus>().Select(Name)];

    readonly Activity _activity;
    readonly int[] _counts = new int[Results.Length];
    readonly bool _single;
    int _left;
    Activity? _linked;

    BatchActivity(Activity activity, int size) => (_activity, _left, _single) = (activity, size, size == 1);

    /// <summary>Starts the span and makes it the current one; <c>null</c> where nobody wants it.</summary>
    public static BatchActivity? Start(List<WebhookContext> batch, string queue, string processor)
    {
        if (!WebhookActivities.Source.HasListeners())
            return null;

        var sampled = batch.Find(static x => x.Activity is { Recorded: true })?.Activity;
        if (sampled is null)
        {
            // What the processor does is sampled out as its webhooks are, not decided anew.
            Activity.Current = batch[0].Activity;
            return null;
        }

        var activity = batch.Count == 1
            ? WebhookActivities.Source.StartActivity($"{queue} batch", ActivityKind.Consumer, sampled.Context)
            : StartRoot(queue, batch);
        if (activity is null)
        {
            Activity.Current = sampled;
            return null;
        }

        activity.SetTag(WebhookTags.System, SystemOf(sampled));
        activity.SetTag(WebhookTags.OperationName, "process");
        activity.SetTag(WebhookTags.OperationType, "process");
        activity.SetTag(WebhookTags.Destination, queue);
        activity.SetTag(WebhookTags.BatchMessageCount, batch.Count);
        activity.SetTag(WebhookTags.Processor, processor);
        return new BatchActivity(activity, batch.Count);
    }

    /// <summary>The batch threw as a whole. For several webhooks nobody else records that; for one its attempt does.</summary>
    public void Failed(Exception exception)
    {
        _activity.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
        if (!_single)
            _activity.AddException(exception);
    }

    /// <summary>Tells an attempt what became of it, before whoever waits for it goes on.</summary>
    public void Complete(WebhookContext webhook, WebhookResult result)
    {
        _left--;
        _counts[(int)result.Status]++;
        if (!WebhookActivities.TryGetAttempt(webhook.Activity, out var attempt))
            return;
        if (webhook.IsBundled)
        {
            LinkOnce(attempt);
            return;
        }

        attempt.SetTag(WebhookTags.Result, Results[(int)result.Status]);
        if (result.RetryAfter is { } after)
            attempt.SetTag(WebhookTags.RetryAfter, (long)after.TotalMilliseconds);
        // An exception's message is on the span as that of the exception.
        if (result is { Reason: { } reason, Exception: null })
            attempt.SetTag(WebhookTags.Reason, reason.Length <= LongestReason ? reason : reason[..LongestReason]);
        if (!_single)
            attempt.AddLink(new ActivityLink(_activity.Context));
    }

    public void Dispose()
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] > 0)
                _activity.SetTag(WebhookTags.BatchPrefix + Results[i], _counts[i]);
        }

        // Cancelled, or its processor could not be created.
        if (_left > 0 && _activity.Status == ActivityStatusCode.Unset)
            _activity.SetStatus(ActivityStatusCode.Error, "The batch was not processed to its end.");
        _activity.Dispose();
    }

    /// <summary>A bundle's span learns of each batch its webhooks were in, not of each webhook.</summary>
    void LinkOnce(Activity bundle)
    {
        if (!_single && !ReferenceEquals(bundle, _linked))
            bundle.AddLink(new ActivityLink(_activity.Context));
        _linked = bundle;
    }

    static Activity? StartRoot(string queue, List<WebhookContext> batch)
    {
        var links = new List<ActivityLink>(batch.Count);
        Activity? before = null;
        foreach (var webhook in batch)
        {
            // Webhooks of a bundle share one.
            if (webhook.Activity is { } activity && !ReferenceEquals(activity, before))
                links.Add(new ActivityLink(activity.Context));
            before = webhook.Activity;
        }

        // A trace without a parent span that is already decided to be recorded: a root would be sampled anew, by a chance of its own.
        // Without a parent span it would take the current one, which is the attempt that happened to fill the batch.
        Activity.Current = null;
        var decided = new ActivityContext(ActivityTraceId.CreateRandom(), default, ActivityTraceFlags.Recorded);
        return WebhookActivities.Source.StartActivity($"{queue} batch", ActivityKind.Consumer, decided, links: links);
    }

    /// <summary>The transport says on the receive span which it is.</summary>
    static string? SystemOf(Activity attempt) =>
        (attempt.GetTagItem(WebhookTags.System) ?? attempt.Parent?.GetTagItem(WebhookTags.System)) as string;

    static string Name(WebhookStatus status) => status switch
    {
        WebhookStatus.Succeeded => "succeeded",
        WebhookStatus.Retry => "retry",
        WebhookStatus.Failed => "failed",
        _ => "discarded",
    };
}
