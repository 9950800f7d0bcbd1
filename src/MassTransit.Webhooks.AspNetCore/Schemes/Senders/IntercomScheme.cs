using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Intercom's <c>X-Hub-Signature</c> (developers.intercom.com/docs/webhooks). Before it sends anything, Intercom asks by <c>HEAD</c>
/// whether the address answers.
/// </summary>
internal sealed class IntercomScheme() : HmacScheme(new WebhookHmacOptions
{
    Header = "X-Hub-Signature",
    Prefix = "sha1=",
    Hash = WebhookHash.Sha1,
    AllowSha1 = true,
    IdProperty = "id",
    EventTypeProperty = "topic",
}, isLowerHex: true)
{
    static readonly WebhookAnswer Here = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override IReadOnlyList<string> ChallengeMethods { get; } = [HttpMethods.Head];

    public override WebhookAnswer Success => Here;

    public override ValueTask<WebhookAnswer?> AnswerAsync(WebhookRequest request, CancellationToken cancellationToken = default) =>
        new(Here);
}
