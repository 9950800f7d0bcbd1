namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

/// <summary>Signed requests that the senders themselves have published, or that their libraries are tested with.</summary>
static class Vectors
{
    /// <summary>standard-webhooks/standard-webhooks, tests of its libraries (Apache-2.0).</summary>
    public static Delivery Standard => new(
        new StandardWebhooksScheme(),
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        1614265330,
        "{\"test\": 2432232314}",
        new()
        {
            ["webhook-id"] = "msg_p5jXN8AQM9LWM0D4loKWxJek",
            ["webhook-timestamp"] = "1614265330",
            ["webhook-signature"] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        });

    /// <summary>GitHub's documentation of validating deliveries.</summary>
    public static Delivery GitHub => new(
        new GitHubScheme(),
        "It's a Secret to Everybody",
        0,
        "Hello, World!",
        new() { ["X-Hub-Signature-256"] = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17" });

    /// <summary>stripe/stripe-dotnet, EventUtilityTest and event_test_signature.json (Apache-2.0).</summary>
    public static Delivery Stripe => new(
        new StripeScheme(),
        "webhook_secret",
        1533204720,
        "{\n  \"id\": \"evt_123\",\n  \"object\": \"event\",\n  \"account\": \"acct_123\",\n  \"api_version\": \"2017-05-25\",\n  "
            + "\"created\": 1533204620,\n  \"data\": {\n    \"object\": {\n      \"id\": \"cus_123\",\n      \"object\": \"customer\",\n "
            + "     \"created\": 123456789,\n      \"email\": \"test@stripe.com\",\n      \"livemode\": false,\n      \"metadata\": {}\n "
            + "   }\n  },\n  \"livemode\": false,\n  \"pending_webhooks\": 1,\n  \"request\": {\n    \"id\": \"req_123\",\n    "
            + "\"idempotency_key\": \"idempotency-key-123\"\n  },\n  \"type\": \"customer.created\"\n}\n",
        new()
        {
            ["Stripe-Signature"] =
                "t=1533204620,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7,v0=6"
                + "3f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef"
        });

    /// <summary>Slack's documentation, in slackapi/python-slack-sdk's test_signature_verifier.py (MIT).</summary>
    public static Delivery Slack => new(
        new SlackScheme(),
        "8f742231b10e8888abcd99yyyzzz85a5",
        1531420618,
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foo"
        + "bar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.s"
        + "lack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
        + "803a0bc887a14d10d2c447fce8b6703c",
        new()
        {
            ["X-Slack-Request-Timestamp"] = "1531420618",
            ["X-Slack-Signature"] = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        });

    /// <summary>nozzlegear/ShopifySharp, ShopifyRequestValidationUtilityTests (MIT).</summary>
    public static Delivery Shopify => new(
        new ShopifyScheme(),
        "some-secret",
        0,
        "Bf",
        new() { ["X-Shopify-Hmac-SHA256"] = "3X6clrsy+C8mmzR/MeTh6b/EcLr46WLZaU+24GrPXOM=" });

    public static IReadOnlyDictionary<string, Delivery> All => new Dictionary<string, Delivery>
    {
        ["standard"] = Standard,
        ["svix"] = Standard.AsSvix(),
        ["github"] = GitHub,
        ["stripe"] = Stripe,
        ["slack"] = Slack,
        ["shopify"] = Shopify
    };

    public static TheoryData<string> Names => [.. All.Keys];
}
