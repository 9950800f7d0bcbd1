namespace MassTransit.Webhooks.AspNetCore;

/// <summary>How a sender sends a shared token. A token proves the sender but not the body, so prefer a signature.</summary>
public sealed class WebhookTokenOptions
{
    /// <summary>The header that carries the token. Default: <c>X-Gitlab-Token</c>.</summary>
    public string Header { get; set; } = "X-Gitlab-Token";

    /// <summary>
    /// The text before the token, such as <c>Bearer </c> with its space. One that ends with a space may be sent in any case, as HTTP's
    /// names of authentication schemes are. Default: none.
    /// </summary>
    public string Prefix { get; set; } = "";

    /// <summary>
    /// Whether what follows the prefix is base64 of <c>user:password</c>, as in HTTP's basic authentication. A secret is then
    /// <c>user:password</c> in plain text. Default: <c>false</c>.
    /// </summary>
    public bool IsBasic { get; set; }

    /// <summary>
    /// The query parameter that carries the token, if the header is not there. An address is written into more logs than a header, so
    /// prefer a header if the sender offers one. Default <c>null</c>: none.
    /// </summary>
    public string? QueryParameter { get; set; }

    /// <summary>The header with the sender's id of the webhook. Default: <c>Idempotency-Key</c>, GitLab's.</summary>
    public string? IdHeader { get; set; } = "Idempotency-Key";

    /// <summary>The header with the event type. Default: <c>X-Gitlab-Event</c>.</summary>
    public string? EventTypeHeader { get; set; } = "X-Gitlab-Event";

    /// <summary>
    /// The property of the JSON body with the sender's id, with dots between levels, if its header is not there. Default <c>null</c>: none.
    /// </summary>
    public string? IdProperty { get; set; }

    /// <summary>
    /// The property of the JSON body with the event type, with dots between levels, if its header is not there. Default <c>null</c>: none.
    /// </summary>
    public string? EventTypeProperty { get; set; }
}
