using System.Diagnostics;

namespace MassTransit.Webhooks.Diagnostics;

/// <summary>
/// The span of one batch. Its webhooks belong to different traces, so it begins a new trace, with a link to each webhook's attempt and a
/// link back from there. The span of a batch with one webhook is the child of that webhook's attempt. A batch is sampled if one of its
/// webhooks is.
/// </summary>
internal sealed class BatchActivity : IDisposable
{
    const int LongestReason = 256;

    static readonly string[] Results = [.. Enum.GetValues<WebhookStatus>().Select(StatusNames.ToName)];

    readonly Activity _activity;
    readonly int[] _counts = new int[Results.Length];
    readonly bool _single;
    int _left;
    Activity? _linked;

    BatchActivity(Activity activity, int size) => (_activity, _left, _single) = (activity, size, size == 1);

    /// <summary>Starts the span and makes it the current one. Returns <c>null</c> if nobody listens or no webhook is sampled.</summary>
    public static BatchActivity? Start(List<WebhookContext> batch, string queue, string processor)
    {
        if (!WebhookActivities.Source.HasListeners())
            return null;

        var sampled = batch.Find(static x => x.Activity is { Recorded: true })?.Activity;
        if (sampled is null)
        {
            // The processor's spans follow the sampling decision of the webhook. Otherwise they would be sampled anew.
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

    /// <summary>Records the exception of a whole batch. With several webhooks nothing else records it; with one its attempt does.</summary>
    public void Failed(Exception exception)
    {
        _activity.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
        if (!_single)
            _activity.AddException(exception);
    }

    /// <summary>Writes the result on the span of the attempt, before the code that waits for the result continues.</summary>
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
        // If there is an exception, its message is recorded with it.
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

        // The batch was cancelled, or its processor could not be created.
        if (_left > 0 && _activity.Status == ActivityStatusCode.Unset)
            _activity.SetStatus(ActivityStatusCode.Error, "The batch was not processed to its end.");
        _activity.Dispose();
    }

    /// <summary>Adds the link of a batch to the span of a bundle once for each batch, not once for each webhook.</summary>
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
            // The webhooks of a bundle share one span.
            if (webhook.Activity is { } activity && !ReferenceEquals(activity, before))
                links.Add(new ActivityLink(activity.Context));
            before = webhook.Activity;
        }

        // Uses the context of a new trace that is marked as recorded, because a root span would be sampled anew, at random. The current
        // activity is cleared, because it is the attempt that happened to fill the batch and would become the parent.
        Activity.Current = null;
        var decided = new ActivityContext(ActivityTraceId.CreateRandom(), default, ActivityTraceFlags.Recorded);
        return WebhookActivities.Source.StartActivity($"{queue} batch", ActivityKind.Consumer, decided, links: links);
    }

    /// <summary>Returns the messaging system, which the transport has set on the receive span.</summary>
    static string? SystemOf(Activity attempt) =>
        (attempt.GetTagItem(WebhookTags.System) ?? attempt.Parent?.GetTagItem(WebhookTags.System)) as string;
}
