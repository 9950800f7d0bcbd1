using System.Globalization;
using System.Net.Http.Headers;
using Quickstart.Accounting;

namespace Quickstart.Sending;

/// <summary>A webhook before it is signed and sent.</summary>
/// <param name="Receiver">The receiver it is sent to.</param>
/// <param name="Id">The sender's id of it.</param>
/// <param name="EventType">What happened.</param>
/// <param name="Body">The body's bytes.</param>
/// <param name="Fate">What shall happen to it.</param>
sealed record OutgoingWebhook(string Receiver, string Id, string EventType, byte[] Body, Fate Fate)
{
    public const string GitHub = "github";
    public const string Orders = "orders";

    bool IsWrong => Fate == Fate.WronglySigned;

    /// <summary>The request, signed now: a signature with a time in it is good for some minutes.</summary>
    public HttpRequestMessage ToRequest(Uri ingress)
    {
        var request =
            new HttpRequestMessage(HttpMethod.Post, new Uri(ingress, $"/webhooks/{Receiver}")) { Content = new ByteArrayContent(Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in SignedHeaders())
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    public IEnumerable<(string Name, string Value)> SignedHeaders()
    {
        if (Receiver == GitHub)
        {
            return
            [
                ("X-GitHub-Event", EventType),
                ("X-GitHub-Delivery", Id),
                ("X-Hub-Signature-256", Signatures.GitHub(IsWrong ? DemoSecrets.Wrong : DemoSecrets.GitHub, Body)),
            ];
        }

        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return
        [
            ("webhook-id", Id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", Signatures.Standard(IsWrong ? DemoSecrets.Wrong : DemoSecrets.Orders, Id, timestamp, Body)),
        ];
    }
}
