using System.Text.Json;
using MassTransit.Webhooks;
using Microsoft.Extensions.Primitives;
using Octokit.Webhooks;
using Octokit.Webhooks.Events;
using Octokit.Webhooks.Events.Issues;
using WebhookHeaders = Octokit.Webhooks.WebhookHeaders;

namespace GitHubApp;

/// <summary>Hands each webhook to Octokit, which reads it into the type of its event.</summary>
sealed class GitHubProcessor(Reactions reactions) : IWebhookProcessor
{
    public async Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken)
    {
        // Octokit asks for GitHub's headers by their names; the ingress keeps x-github-* with each webhook.
        var headers = webhook.Webhook.Headers.ToDictionary(x => x.Key, x => new StringValues(x.Value), StringComparer.OrdinalIgnoreCase);
        try
        {
            await reactions.ProcessWebhookAsync(headers, webhook.Webhook.Body, cancellationToken);
            return WebhookResult.Success();
        }
        catch (JsonException exception)
        {
            // It is as it is: no retry reads it better.
            return WebhookResult.Fail($"not GitHub's JSON: {exception.Message}");
        }
    }
}

/// <summary>What this application does with GitHub's events.</summary>
sealed class Reactions : WebhookEventProcessor
{
    protected override ValueTask ProcessPushWebhookAsync(WebhookHeaders headers, PushEvent pushEvent,
        CancellationToken cancellationToken = default)
    {
        Console.WriteLine($"{pushEvent.Pusher.Name} pushed to {pushEvent.Ref}");
        return ValueTask.CompletedTask;
    }

    protected override ValueTask ProcessIssuesWebhookAsync(WebhookHeaders headers, IssuesEvent issuesEvent, IssuesAction action,
        CancellationToken cancellationToken = default)
    {
        Console.WriteLine($"issue {issuesEvent.Issue.Number}: {issuesEvent.Issue.Title}");
        return ValueTask.CompletedTask;
    }
}
