using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Dropbox's <c>X-Dropbox-Signature</c> (dropbox.com/developers/reference/webhooks). An address is confirmed by a question that proves
/// nothing: its text is echoed, as plain text that no browser interprets.
/// </summary>
internal sealed class DropboxScheme() : HmacScheme(new WebhookHmacOptions { Header = "X-Dropbox-Signature" }, isLowerHex: true)
{
    const int LongestEcho = 512;

    public override IReadOnlyList<string> ChallengeMethods { get; } = [HttpMethods.Get];

    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override ValueTask<WebhookAnswer?> AnswerAsync(WebhookRequest request, CancellationToken cancellationToken = default) =>
        new(request.QueryValue("challenge") is { Length: > 0 and <= LongestEcho } challenge && challenge.All(IsPlain)
            ? WebhookAnswer.Text(challenge) : null);

    static bool IsPlain(char character) => char.IsAsciiLetterOrDigit(character)
        || character is '-' or '_' or '.' or '~' or '=' or '+' or '/';
}
