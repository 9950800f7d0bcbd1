using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// CloudEvents over HTTP (github.com/cloudevents/spec, HTTP 1.1 Web Hooks for Event Delivery 1.0): a token in <c>Authorization</c> or in
/// the parameter <c>access_token</c>. A sender first asks by <c>OPTIONS</c> whether it may send; the answer allows that origin and no rate
/// above what the ingress limits anyway.
/// </summary>
internal sealed class CloudEventsScheme(IReadOnlyList<string> origins) : TokenScheme(new WebhookTokenOptions
{
    Header = "Authorization",
    Prefix = "Bearer ",
    QueryParameter = "access_token",
    IdHeader = "ce-id",
    EventTypeHeader = "ce-type",
    IdProperty = "id",
    EventTypeProperty = "type",
})
{
    public override IReadOnlyList<string> ChallengeMethods { get; } = [HttpMethods.Options];

    public override WebhookAnswer Success { get; } = WebhookAnswer.Empty(StatusCodes.Status200OK);

    public override ValueTask<WebhookAnswer?> AnswerAsync(WebhookRequest request, CancellationToken cancellationToken = default) =>
        new(request.Header("WebHook-Request-Origin") is { } origin && origins.Contains(origin, StringComparer.OrdinalIgnoreCase)
            ? WebhookAnswer.Empty().With("WebHook-Allowed-Origin", origin).With("WebHook-Allowed-Rate", "*").With("Allow", "POST") : null);
}
