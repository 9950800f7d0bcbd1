using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

/// <summary>
/// What a scheme says of itself and of a request. The ingress decides by it what a repeat is, what is proven and what is published.
/// </summary>
public class SchemeFactsTests
{
    static HmacScheme Hmac(string? idHeader = null, string content = "{body}") =>
        new(new WebhookHmacOptions { Header = "X-Sig", IdHeader = idHeader, SignedContent = content, EventTypeHeader = "X-Event" });

    static ImmediateScheme Scheme(string name) => name switch
    {
        "standard" => new StandardWebhooksScheme(),
        "github" => new GitHubScheme(),
        "stripe" => new StripeScheme(),
        "slack" => new SlackScheme(),
        "shopify" => new ShopifyScheme(),
        "token" => new TokenScheme(new WebhookTokenOptions()),
        "unsigned" => new UnsignedScheme("X-Id", "X-Event"),
        "hmac" => Hmac(),
        "hmac with an id beside it" => Hmac("X-Id"),
        _ => Hmac("X-Id", "{id}.{body}"),
    };

    [Theory]
    [InlineData("standard", true, true, true, true, true)]
    [InlineData("stripe", true, true, true, true, false)]
    [InlineData("slack", true, true, true, true, false)]
    [InlineData("github", true, false, false, false, true)]
    [InlineData("shopify", true, false, false, false, true)]
    [InlineData("token", true, false, false, false, false)]
    [InlineData("unsigned", false, false, false, false, false)]
    [InlineData("hmac", true, false, false, false, false)]
    [InlineData("hmac with an id beside it", true, false, false, false, true)]
    [InlineData("hmac with a signed id", true, false, true, false, true)]
    public void Says_what_it_needs_and_what_it_proves(string name, bool secret, bool timestamp, bool id, bool eventType, bool idHeader)
    {
        var scheme = Scheme(name);
        var facts = Describe(scheme, "", "{}");

        Assert.Equal((secret, timestamp, id, eventType, idHeader),
            (scheme.NeedsSecret, scheme.SignsTimestamp, facts.IsIdSigned, facts.IsEventTypeSigned, scheme.HasIdHeader));
    }

    [Theory]
    [InlineData("standard", WebhookReplayProtection.None)]
    [InlineData("stripe", WebhookReplayProtection.None)]
    [InlineData("slack", WebhookReplayProtection.AnyEventType)]
    [InlineData("github", WebhookReplayProtection.AnyEventType)]
    [InlineData("shopify", WebhookReplayProtection.SameEventType)]
    [InlineData("token", WebhookReplayProtection.None)]
    [InlineData("unsigned", WebhookReplayProtection.None)]
    [InlineData("hmac", WebhookReplayProtection.None)]
    [InlineData("hmac with an id beside it", WebhookReplayProtection.SameEventType)]
    [InlineData("hmac with a signed id", WebhookReplayProtection.None)]
    public void Protects_against_replays_where_an_attacker_could_change_the_id(string name, WebhookReplayProtection expected) =>
        Assert.Equal(expected, Scheme(name).ReplayProtection);

    [Theory]
    [InlineData("standard", "webhook-signature", "svix-signature")]
    [InlineData("stripe", "Stripe-Signature")]
    [InlineData("slack", "X-Slack-Signature")]
    [InlineData("github", "X-Hub-Signature-256", "X-Hub-Signature")]
    [InlineData("shopify", "X-Shopify-Hmac-SHA256", "Shopify-Hmac-SHA256")]
    [InlineData("token", "X-Gitlab-Token")]
    [InlineData("hmac", "X-Sig")]
    [InlineData("unsigned")]
    public void Names_the_headers_that_must_not_be_published(string name, params string[] headers) =>
        Assert.Equal(headers, Scheme(name).ProofHeaders);

    [Theory]
    [InlineData("standard", "webhook-id=m1", """{"type":"t1"}""", "m1", "t1")]
    [InlineData("standard", "svix-id=m1;svix-signature=v1", """{"type":"t1"}""", "m1", "t1")]
    [InlineData("standard", "svix-id=m1;svix-signature=v1;webhook-signature=v1;webhook-id=m2", "{}", "m2", "")]
    [InlineData("standard", "svix-id=m1", "no JSON", null, "")]
    [InlineData("github", "X-GitHub-Delivery=d1;X-GitHub-Event=push", "", "d1", "push")]
    [InlineData("github", "", "", null, "")]
    [InlineData("shopify", "X-Shopify-Webhook-Id=s1;X-Shopify-Topic=orders/paid", "", "s1", "orders/paid")]
    [InlineData("shopify", "", "", null, "")]
    [InlineData("stripe", "", """{"id":"evt_1","type":"charge.paid"}""", "evt_1", "charge.paid")]
    [InlineData("stripe", "", "[]", null, "")]
    [InlineData("slack", "", """{"event_id":"E1","type":"event_callback","event":{"type":"message"}}""", "E1", "message")]
    [InlineData("slack", "", """{"type":"app_rate_limited"}""", null, "app_rate_limited")]
    [InlineData("slack", "", "command=%2Fdo", null, "")]
    [InlineData("token", "Idempotency-Key=k1;X-Gitlab-Event=Push Hook", "", "k1", "Push Hook")]
    [InlineData("token", "", "", null, "")]
    [InlineData("unsigned", "X-Id=u1;X-Event=e1", "", "u1", "e1")]
    [InlineData("unsigned", "", "", null, "")]
    [InlineData("hmac with an id beside it", "X-Id=h1;X-Event=e1", "", "h1", "e1")]
    [InlineData("hmac with an id beside it", "", "", null, "")]
    public void Reads_id_and_event_type(string name, string headers, string body, string? id, string eventType)
    {
        var facts = Describe(Scheme(name), headers, body);

        Assert.Equal((id, eventType), (facts.Id, facts.EventType));
    }

    [Theory]
    [InlineData("""{"type":"url_verification","challenge":"c1"}""", "url_verification", "c1")]
    [InlineData("""{"type":"message","challenge":"c1"}""", "message", null)]
    [InlineData("""{"type":"url_verification"}""", "url_verification", null)]
    public void Slack_asks_for_its_challenge_by_its_type(string body, string eventType, string? challenge)
    {
        var facts = Describe(new SlackScheme(), "", body);

        Assert.Equal((null, eventType), (facts.Id, facts.EventType));
        Assert.Equal(challenge, facts.Challenge is { } answer ? Encoding.UTF8.GetString(answer.Body.Span) : null);
    }

    /// <summary>A header that came twice may have been checked by another program in its other value.</summary>
    [Fact]
    public void A_fact_whose_header_came_twice_or_empty_is_none()
    {
        var headers = new HeaderDictionary { ["X-GitHub-Delivery"] = new[] { "d1", "d2" }, ["X-GitHub-Event"] = "" };

        var request = new WebhookRequest { Headers = headers };

        Assert.Equal(new WebhookFacts(null), new GitHubScheme().Describe(request, default));
        headers["X-GitHub-Delivery"] = new string?[] { null };
        headers["X-GitHub-Event"] = Array.Empty<string>();
        Assert.Equal(new WebhookFacts(null), new GitHubScheme().Describe(request, default));
    }

    [Fact]
    public void A_code_that_is_sent_twice_and_a_secret_that_is_given_twice_are_valid_once()
    {
        var standard = Vectors.Standard;
        var stripe = Vectors.Stripe;
        var token = new Delivery(Scheme("token"), "a-token-of-some-length", 0, "", new() { ["X-Gitlab-Token"] = "a-token-of-some-length" });

        Assert.Equal("accepted", standard.WithSignature($"{standard.Signature} {standard.Signature}").Verify());
        Assert.Equal("accepted", standard.Verify(standard.Secret, standard.Secret));
        Assert.Equal("accepted",
            stripe.WithSignature(stripe.Signature + "," + stripe.Signature[stripe.Signature.IndexOf("v1=", StringComparison.Ordinal)..])
                .Verify());
        Assert.Equal("accepted", token.Verify(token.Secret, token.Secret));
    }

    /// <summary>
    /// While secrets are exchanged a sender signs with both. What identifies the bytes must not change between two tries.
    /// </summary>
    [Fact]
    public void The_first_secret_that_fits_identifies_the_signed_bytes()
    {
        byte[] content = "m1.1000.{}"u8.ToArray();
        string[] secrets = [Convert.ToBase64String(new byte[24]), Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 24)])];
        byte[][] codes = [.. secrets.Select(x => HMACSHA256.HashData(Convert.FromBase64String(x), content))];
        var delivery = new Delivery(new StandardWebhooksScheme(), secrets[0], 1000, "{}", new()
        {
            ["webhook-id"] = "m1",
            ["webhook-timestamp"] = "1000",
            ["webhook-signature"] = $"v1,{Convert.ToBase64String(codes[1])} v1,{Convert.ToBase64String(codes[0])}",
        });

        var verification = delivery.Scheme.Verify(delivery.Signed(secrets));

        Assert.Equal(WebhookVerdict.Accepted, verification.Verdict);
        Assert.Equal(codes[0], verification.Proof);
        Assert.Equal(secrets[0], verification.Secret);
    }

    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", null, 24)]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", null, 24)]
    [InlineData("whsec_no base64!", "is not base64 after 'whsec_'", 0)]
    [InlineData("whsec_", "is not base64 after 'whsec_'", 0)]
    public void Standard_secret_is_base64(string secret, string? error, int bytes)
    {
        var scheme = new StandardWebhooksScheme();

        Assert.Equal((error, bytes), (scheme.FindSecretError(secret), scheme.CountSecretBytes(secret)));
    }

    [Fact]
    public void Text_secret_is_counted_in_bytes()
    {
        Assert.Equal(6, new GitHubScheme().CountSecretBytes("schlü"));
        Assert.Equal(6, Scheme("token").CountSecretBytes("schlü"));
        Assert.Equal(0, new GitHubScheme().CountSecretBytes(" schlü"));
    }

    [Theory]
    [InlineData("", "{body}", null, null, "WebhookHmacOptions.Header is empty: name the header that carries the signature.")]
    [InlineData("X", "{id}.{body}", null, null, "SignedContent contains {id}: name its header in IdHeader.")]
    [InlineData("X", "{body}", null, "X-Time",
        "TimestampHeader (or TimestampPrefix) and {timestamp} in SignedContent belong together: give both, or neither.")]
    [InlineData("X", "{timestamp}.{body}", null, null,
        "TimestampHeader (or TimestampPrefix) and {timestamp} in SignedContent belong together")]
    [InlineData("X", "{id}.{timestamp}", "X-Id", "X-Time",
        "The template '{id}.{timestamp}' contains neither {body} nor {form}: the content must be signed.")]
    [InlineData("X", "{id}{body}", "X-Id", null, "sign a separator between them, such as {id}.{timestamp}.{body}. Where the sender signs "
        + "without one, say in IdLength how many characters each id has, or leave the id out of the template, and the header out of "
            + "IdHeader.")]
    [InlineData("X", "{timestamp}1{body}", null, "X-Time", "which is made of digits: sign another separator, such as a dot.")]
    [InlineData("X", "{body}{", null, null,
        "The template '{body}{' has a brace that begins none of {body}, {form}, {id}, {method}, {timestamp}, {url}.")]
    public void Contradiction_is_named_with_its_cure(string header, string content, string? idHeader, string? timestampHeader,
        string message)
    {
        var refused = Assert.ThrowsAny<ArgumentException>(() => new HmacScheme(new WebhookHmacOptions
        {
            Header = header,
            SignedContent = content,
            IdHeader = idHeader,
            TimestampHeader = timestampHeader,
        }));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_hash_is_named_with_its_cure() =>
        Assert.Contains("use Sha256 or Sha512", Assert.ThrowsAny<ArgumentException>(() =>
            new HmacScheme(new WebhookHmacOptions { Header = "X", Hash = (WebhookHash)9 })).Message, StringComparison.Ordinal);

    /// <summary>256 characters are read: 128 bytes in hex, 192 in base64.</summary>
    [Fact]
    public void Code_is_decoded_up_to_its_longest_text()
    {
        Assert.Equal(128, CodeDecoder.DecodeHex(new string('0', 256))!.Length);
        Assert.Null(CodeDecoder.DecodeHex(new string('0', 258)));
        Assert.Equal(192, CodeDecoder.DecodeBase64(new string('A', 256))!.Length);
        Assert.Null(CodeDecoder.DecodeBase64(new string('A', 260)));
    }

    static WebhookFacts Describe(ImmediateScheme scheme, string headers, string body) => scheme.Describe(
        new WebhookRequest { Headers = Headers(headers), Body = Encoding.UTF8.GetBytes(body) },
            new WebhookVerification(WebhookVerdict.Accepted));

    static HeaderDictionary Headers(string pairs)
    {
        var headers = new HeaderDictionary();
        foreach (var pair in pairs.Split(';', StringSplitOptions.RemoveEmptyEntries))
            headers[pair[..pair.IndexOf('=', StringComparison.Ordinal)]] = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];
        return headers;
    }
}
