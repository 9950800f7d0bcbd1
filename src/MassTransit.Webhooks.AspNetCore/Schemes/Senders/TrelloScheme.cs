using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Trello's <c>X-Trello-Webhook</c> (developer.atlassian.com/cloud/trello/guides/rest-api/webhooks): the body and the address behind it.
/// When a webhook is made, Trello asks by <c>HEAD</c> whether the address answers 200.
/// </summary>
internal sealed class TrelloScheme() : HmacScheme(new WebhookHmacOptions
{
    Header = "X-Trello-Webhook",
    Encoding = WebhookCodeEncoding.Base64,
    Hash = WebhookHash.Sha1,
    AllowSha1 = true,
    SignedContent = "{body}{url}",
    IdProperty = "action.id",
    EventTypeProperty = "action.type",
})
{
    static readonly WebhookAnswer Here = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override IReadOnlyList<string> ChallengeMethods { get; } = [HttpMethods.Head];

    public override WebhookAnswer Success => Here;

    public override ValueTask<WebhookAnswer?> AnswerAsync(WebhookRequest request, CancellationToken cancellationToken = default) =>
        new(Here);
}
