using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// GitLab's secret token (docs.gitlab.com/user/project/integrations/webhooks). Id: <c>Idempotency-Key</c>, which stays the same when a
/// webhook is repeated; older versions have only the id of the event.
/// </summary>
internal sealed class GitLabScheme() : TokenScheme(new WebhookTokenOptions())
{
    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification)
    {
        var facts = base.Describe(request, verification);
        return facts with { Id = facts.Id ?? request.Header("X-Gitlab-Event-UUID") };
    }
}
