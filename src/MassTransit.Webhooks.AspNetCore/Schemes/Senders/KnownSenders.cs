namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The senders that a declaration says all of, each with the page that says so.</summary>
internal static class KnownSenders
{
    /// <summary>developer.squareup.com/docs/webhooks/step3validate</summary>
    public static DeclaredSender Square() => new(new WebhookHmacOptions
    {
        Header = "x-square-hmacsha256-signature",
        Encoding = WebhookCodeEncoding.Base64,
        SignedContent = "{url}{body}",
        IdProperty = "event_id",
        EventTypeProperty = "type",
    });

    /// <summary>developer.paddle.com/webhooks/signature-verification</summary>
    public static DeclaredSender Paddle() => new(new WebhookHmacOptions
    {
        Header = "Paddle-Signature",
        Separator = ";",
        TimestampPrefix = "ts=",
        Prefix = "h1=",
        SignedContent = "{timestamp}:{body}",
        IdProperty = "event_id",
        EventTypeProperty = "event_type",
    }, isLowerHex: true);

    /// <summary>
    /// developer.zendesk.com/documentation/webhooks/verifying. The time is the only thing before the body, and ends with its <c>Z</c>. The
    /// body of a trigger is the user's own and may be the same for two events.
    /// </summary>
    public static DeclaredSender Zendesk() => new(new WebhookHmacOptions
    {
        Header = "X-Zendesk-Webhook-Signature",
        Encoding = WebhookCodeEncoding.Base64,
        SignedContent = "{timestamp}{body}",
        TimestampHeader = "X-Zendesk-Webhook-Signature-Timestamp",
        TimestampFormat = WebhookTimestampFormat.Iso8601,
        IdHeader = "X-Zendesk-Webhook-Invocation-Id",
        EventTypeProperty = "type",
    })
    {
        Protection = WebhookReplayProtection.None,
    };

    /// <summary>developer.pagerduty.com/docs/verifying-webhook-signatures</summary>
    public static DeclaredSender PagerDuty() => new(new WebhookHmacOptions
    {
        Header = "X-PagerDuty-Signature",
        Separator = ",",
        Prefix = "v1=",
        IdProperty = "event.id",
        EventTypeProperty = "event.event_type",
    }, isLowerHex: true);

    /// <summary>developers.docusign.com/platform/webhooks/connect/hmac. Up to ten keys sign, each in a header of its own.</summary>
    public static DeclaredSender DocuSign()
    {
        var options = new WebhookHmacOptions
        {
            Header = "X-DocuSign-Signature-1",
            Encoding = WebhookCodeEncoding.Base64,
            EventTypeProperty = "event",
        };
        for (var key = 2; key <= 10; key++)
            options.OtherHeaders.Add(FormattableString.Invariant($"X-DocuSign-Signature-{key}"));
        // A notification may contain the documents.
        return new DeclaredSender(options) { MaxBodyMebibytes = 25 };
    }

    /// <summary>developer.calendly.com/api-docs, webhook signatures</summary>
    public static DeclaredSender Calendly() => new(new WebhookHmacOptions
    {
        Header = "Calendly-Webhook-Signature",
        Separator = ",",
        TimestampPrefix = "t=",
        Prefix = "v1=",
        SignedContent = "{timestamp}.{body}",
        EventTypeProperty = "event",
    }, isLowerHex: true);

    /// <summary>developers.line.biz/en/docs/messaging-api/verify-webhook-signature</summary>
    public static DeclaredSender Line() => new(new WebhookHmacOptions
    {
        Header = "x-line-signature",
        Encoding = WebhookCodeEncoding.Base64,
        IdProperty = "events.[0].webhookEventId",
        EventTypeProperty = "events.[0].type",
    });

    /// <summary>typeform.com/developers/webhooks/secure-your-webhooks</summary>
    public static DeclaredSender Typeform() => new(new WebhookHmacOptions
    {
        Header = "Typeform-Signature",
        Prefix = "sha256=",
        Encoding = WebhookCodeEncoding.Base64,
        IdProperty = "event_id",
        EventTypeProperty = "event_type",
    });

    /// <summary>
    /// developer.xero.com/documentation/guides/webhooks. Xero gives no id, but puts a text into each body that no other has.
    /// </summary>
    public static DeclaredSender Xero() => new(new WebhookHmacOptions
    {
        Header = "x-xero-signature",
        Encoding = WebhookCodeEncoding.Base64,
        IdProperty = "entropy",
        EventTypeProperty = "events.[0].eventType",
    });

    /// <summary>support.atlassian.com/bitbucket-cloud/docs/manage-webhooks</summary>
    public static DeclaredSender Bitbucket() => new(new WebhookHmacOptions
    {
        Header = "X-Hub-Signature",
        Prefix = "sha256=",
        IdHeader = "X-Request-UUID",
        EventTypeHeader = "X-Event-Key",
    }, isLowerHex: true);
}

/// <summary>
/// HubSpot's signature v3 (developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation). HubSpot signs
/// its address with some characters of the query written plainly.
/// </summary>
internal sealed class HubSpotScheme() : DeclaredSender(new WebhookHmacOptions
{
    Header = "X-HubSpot-Signature-v3",
    Encoding = WebhookCodeEncoding.Base64,
    SignedContent = "{method}{url}{body}{timestamp}",
    TimestampHeader = "X-HubSpot-Request-Timestamp",
    TimestampFormat = WebhookTimestampFormat.UnixMilliseconds,
    IdProperty = "[0].eventId",
    EventTypeProperty = "[0].subscriptionType",
})
{
    static readonly (string Written, string Plain)[] Decoded =
    [
        ("%3A", ":"), ("%2F", "/"), ("%3F", "?"), ("%40", "@"), ("%21", "!"), ("%24", "$"), ("%27", "'"), ("%28", "("), ("%29", ")"),
        ("%2A", "*"), ("%2C", ","), ("%3B", ";"),
    ];

    // HubSpot also sends the signatures of its older versions.
    public override IReadOnlyList<string> ProofHeaders { get; } = ["X-HubSpot-Signature-v3", "X-HubSpot-Signature"];

    protected override IEnumerable<string> FormsOf(string address)
    {
        var decoded = address;
        foreach (var (written, plain) in Decoded)
            decoded = decoded.Replace(written, plain, StringComparison.OrdinalIgnoreCase);
        // Its own library takes the address as it is.
        return decoded == address ? [address] : [decoded, address];
    }
}
