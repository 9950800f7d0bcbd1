using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks.AspNetCore.Tests.Senders;

/// <summary>
/// One sender, as its documentation describes it: what it sends, how it signs, and what the receiver must read. What signs is written apart
/// from what verifies.
/// </summary>
sealed record KnownSender(string Name, Action<WebhookReceiverBuilder, Action<WebhookReceiverOptions>> Add, string Body,
    Func<SignedRequest, (string Name, string Value)[]> Sign)
{
    public string Secret { get; init; } = "a-secret-of-some-length";

    public string? Id { get; init; }

    public string EventType { get; init; } = "";

    public bool IsIdSigned { get; init; }

    public bool IsEventTypeSigned { get; init; } = true;

    public bool IsBodySigned { get; init; } = true;

    public bool IsAddressSigned { get; init; }

    public int Status { get; init; } = 200;

    public string ContentType { get; init; } = "application/json";

    /// <summary>What the address has behind its path.</summary>
    public Func<SignedRequest, string> Query { get; init; } = _ => "";

    public override string ToString() => Name;

    public static TheoryData<string> Names => [.. All.Select(x => x.Name)];

    public static KnownSender Of(string name) => All.Single(x => x.Name == name);

    public static readonly IReadOnlyList<KnownSender> All =
    [
        new("twilio", (r, o) => r.Twilio(o), "CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&MessageStatus=sent",
            x => [("X-Twilio-Signature",
                x.Base64Sha1(x.Address + "CallSidCA1234567890ABCDECaller+14158675310Digits1234MessageStatussent")),
                ("I-Twilio-Idempotency-Token", "t-1")])
        {
            Id = "t-1",
            EventType = "sent",
            ContentType = "application/x-www-form-urlencoded",
            IsAddressSigned = true,
            Query = _ => "?foo=1&bar=2",
        },
        new("twilio json", (r, o) => r.Twilio(o), """[{"id":"EZ1","type":"com.twilio.messaging.message.sent"}]""",
            x => [("X-Twilio-Signature", x.Base64Sha1(x.Address))])
        {
            Id = "EZ1",
            IsIdSigned = true,
            EventType = "com.twilio.messaging.message.sent",
            IsAddressSigned = true,
            Query = x => $"?bodySHA256={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(x.Body)))}",
        },
        new("square", (r, o) => r.Square(o), """{"merchant_id":"M1","type":"payment.created","event_id":"e-1"}""",
            x => [("x-square-hmacsha256-signature", x.Base64(x.Address + x.Body))])
        {
            Id = "e-1", IsIdSigned = true, EventType = "payment.created", IsAddressSigned = true,
        },
        new("paddle", (r, o) => r.Paddle(o), """{"event_id":"evt_1","event_type":"transaction.completed"}""",
            x => [("Paddle-Signature", $"ts={x.Seconds};h1={x.Hex($"{x.Seconds}:{x.Body}")}")])
        {
            Id = "evt_1", IsIdSigned = true, EventType = "transaction.completed",
        },
        new("zendesk", (r, o) => r.Zendesk(o), """{"type":"zen:event-type:user.created","id":"ev"}""",
            x => [("X-Zendesk-Webhook-Signature", x.Base64(x.Iso + x.Body)), ("X-Zendesk-Webhook-Signature-Timestamp", x.Iso),
                ("X-Zendesk-Webhook-Invocation-Id", "i-1")])
        {
            Id = "i-1", EventType = "zen:event-type:user.created",
        },
        new("twitch", (r, o) => r.Twitch(o), """{"subscription":{"type":"channel.follow","status":"enabled"},"event":{"user_id":"1"}}""",
            x => [("Twitch-Eventsub-Message-Signature", $"sha256={x.Hex($"m-1{x.Iso}{x.Body}")}"), ("Twitch-Eventsub-Message-Id", "m-1"),
                ("Twitch-Eventsub-Message-Timestamp", x.Iso)])
        {
            Id = "m-1", IsIdSigned = true, EventType = "channel.follow", Status = 204,
        },
        new("hubspot", (r, o) => r.HubSpot(o), """[{"eventId":3181526773,"subscriptionType":"contact.creation","attemptNumber":0}]""",
            x => [("X-HubSpot-Signature-v3",
                x.Base64($"POST{x.Address.Replace("%2C", ",", StringComparison.Ordinal)}{x.Body}{x.Milliseconds}")),
                ("X-HubSpot-Request-Timestamp", x.Milliseconds)])
        {
            Id = "3181526773", IsIdSigned = true, EventType = "contact.creation", IsAddressSigned = true, Query = _ => "?a=1%2C2",
        },
        new("intercom", (r, o) => r.Intercom(o), """{"id":"notif_1","topic":"user.created"}""",
            x => [("X-Hub-Signature", $"sha1={x.HexSha1(x.Body)}")])
        {
            Id = "notif_1", IsIdSigned = true, EventType = "user.created",
        },
        new("trello", (r, o) => r.Trello(o), """{"action":{"id":"a1","type":"updateCard"},"model":{}}""",
            x => [("X-Trello-Webhook", x.Base64Sha1(x.Body + x.Address))])
        {
            Id = "a1", IsIdSigned = true, EventType = "updateCard", IsAddressSigned = true,
        },
        new("pagerduty", (r, o) => r.PagerDuty(o), """{"event":{"id":"P1","event_type":"incident.triggered"}}""",
            x => [("X-PagerDuty-Signature", $"v1={new string('0', 64)},v1={x.Hex(x.Body)}")])
        {
            Id = "P1", IsIdSigned = true, EventType = "incident.triggered",
        },
        new("docusign", (r, o) => r.DocuSign(o), """{"event":"envelope-completed","data":{"envelopeId":"e1"}}""",
            x => [("X-DocuSign-Signature-2", x.Base64(x.Body))])
        {
            EventType = "envelope-completed",
        },
        new("calendly", (r, o) => r.Calendly(o), """{"event":"invitee.created","payload":{}}""",
            x => [("Calendly-Webhook-Signature", $"t={x.Seconds},v1={x.Hex($"{x.Seconds}.{x.Body}")}")])
        {
            EventType = "invitee.created",
        },
        new("zoom", (r, o) => r.Zoom(o), """{"event":"meeting.started","payload":{}}""",
            x => [("x-zm-signature", $"v0={x.Hex($"v0:{x.Seconds}:{x.Body}")}"), ("x-zm-request-timestamp", x.Seconds)])
        {
            EventType = "meeting.started",
        },
        new("meta", (r, o) => r.Meta(x =>
        {
            o(x);
            x.VerifyTokens.Add("agreed-on");
        }), """{"object":"page","entry":[{"id":"1","changes":[]}]}""", x => [("X-Hub-Signature-256", $"sha256={x.Hex(x.Body)}")])
        {
            EventType = "page",
        },
        new("dropbox", (r, o) => r.Dropbox(o), """{"list_folder":{"accounts":["dbid:1"]}}""", x => [("X-Dropbox-Signature", x.Hex(x.Body))])
        {
            IsEventTypeSigned = false,
        },
        new("line", (r, o) => r.Line(o), """{"destination":"U1","events":[{"type":"message","webhookEventId":"01FZ"}]}""",
            x => [("x-line-signature", x.Base64(x.Body))])
        {
            Id = "01FZ", IsIdSigned = true, EventType = "message",
        },
        new("typeform", (r, o) => r.Typeform(o), """{"event_id":"01","event_type":"form_response"}""",
            x => [("Typeform-Signature", $"sha256={x.Base64(x.Body)}")])
        {
            Id = "01", IsIdSigned = true, EventType = "form_response",
        },
        new("xero", (r, o) => r.Xero(o), """{"events":[{"eventType":"UPDATE"}],"entropy":"S0m3r4nd0mt3xt"}""",
            x => [("x-xero-signature", x.Base64(x.Body))])
        {
            Id = "S0m3r4nd0mt3xt", IsIdSigned = true, EventType = "UPDATE",
        },
        new("telegram", (r, o) => r.Telegram(o), """{"update_id":10000,"message":{"text":"hi"}}""",
            x => [("X-Telegram-Bot-Api-Secret-Token", x.Secret)])
        {
            Id = "10000", EventType = "message", IsEventTypeSigned = false, IsBodySigned = false,
        },
        new("gitlab", (r, o) => r.GitLab(o), """{"object_kind":"push"}""",
            x => [("X-Gitlab-Token", x.Secret), ("X-Gitlab-Event", "Push Hook"), ("X-Gitlab-Event-UUID", "u1"), ("Idempotency-Key", "k1")])
        {
            Id = "k1", EventType = "Push Hook", IsEventTypeSigned = false, IsBodySigned = false,
        },
        new("bitbucket", (r, o) => r.Bitbucket(o), """{"push":{}}""",
            x => [("X-Hub-Signature", $"sha256={x.Hex(x.Body)}"), ("X-Request-UUID", "r1"), ("X-Event-Key", "repo:push")])
        {
            Id = "r1", EventType = "repo:push", IsEventTypeSigned = false,
        },
        new("linear", (r, o) => r.Linear(o), """{"action":"create","type":"Issue","webhookTimestamp":1700000000123}""",
            x => [("Linear-Signature", x.Hex(x.Body)), ("Linear-Delivery", "d1"), ("Linear-Event", "Issue")])
        {
            Id = "d1", EventType = "Issue",
        },
        new("monday", (r, o) => r.Monday(o), """{"event":{"type":"update_column_value","triggerUuid":"t1"}}""",
            x => [("Authorization", Tokens.Hs256(x.Secret, $$"""{"exp":{{x.Now.ToUnixTimeSeconds() + 60}},"iat":{{x.Seconds}}}"""))])
        {
            Id = "t1", EventType = "update_column_value", IsEventTypeSigned = false, IsBodySigned = false,
        },
        new("event grid", (r, o) => r.EventGrid(o), """[{"id":"g1","eventType":"Microsoft.Storage.BlobCreated","data":{}}]""", _ => [])
        {
            Id = "g1", EventType = "Microsoft.Storage.BlobCreated", IsEventTypeSigned = false, IsBodySigned = false,
            Query = x => $"?code={x.Secret}",
        },
        new("cloudevents", (r, o) => r.CloudEvents(["eventgrid.azure.net"], o), """{"specversion":"1.0","id":"c1","type":"t1"}""",
            x => [("Authorization", $"bearer {x.Secret}")])
        {
            Id = "c1", EventType = "t1", IsEventTypeSigned = false, IsBodySigned = false,
        },
        new("graph", (r, o) => r.MicrosoftGraph(o),
            """{"value":[{"subscriptionId":"s1","clientState":"a-secret-of-some-length","changeType":"created"}]}""", _ => [])
        {
            EventType = "created", IsEventTypeSigned = false, IsBodySigned = false, Status = 202,
        },
        new("mailgun", (r, o) => r.Mailgun(o),
            """{"signature":{"timestamp":"1700000000","token":"tok","signature":"SIGNATURE"},"event-data":{"id":"G9","event":"opened"}}""",
            _ => [])
        {
            Id = "G9", EventType = "opened", IsEventTypeSigned = false, IsBodySigned = false,
        },
        new("asana", (r, o) => r.Asana(null, o), """{"events":[{"action":"changed"}]}""", x => [("X-Hook-Signature", x.Hex(x.Body))])
        {
            EventType = "changed",
        },
        new("basic", (r, o) => r.Basic(o, "X-Id", "X-Event"), "{}",
            x => [("Authorization", $"basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(x.Secret))}"), ("X-Id", "b1"), ("X-Event", "e")])
        {
            Secret = "user:a-password", Id = "b1", EventType = "e", IsEventTypeSigned = false, IsBodySigned = false, Status = 202,
        },
    ];

    /// <summary>The body as it is sent: Mailgun signs inside it.</summary>
    public string BodyOf(SignedRequest request) =>
        Body.Replace("SIGNATURE", request.Hex("1700000000tok"), StringComparison.Ordinal);
}

/// <summary>JSON web tokens, made by hand.</summary>
static class Tokens
{
    public static string Hs256(string secret, string claims, string header = """{"alg":"HS256","typ":"JWT"}""")
    {
        var content = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(claims))}";
        return $"{content}.{Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(content)))}";
    }

    public static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
