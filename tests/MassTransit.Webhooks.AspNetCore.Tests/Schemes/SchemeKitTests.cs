using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

/// <summary>The kit passes the known schemes, and finds what is wrong with bad ones.</summary>
public class SchemeKitTests
{
    static readonly byte[] Body = "{\"id\":\"1\"}"u8.ToArray();

    [Theory, MemberData(nameof(Vectors.Names), MemberType = typeof(Vectors))]
    public async Task Known_schemes_pass(string name)
    {
        var vector = Vectors.All[name];
        // Nobody reads a code of another version, so it may be anything.
        vector = vector.WithSignature(vector.Signature.Split(",v0=")[0]);
        var request = vector.Signed([vector.Secret]);
        var facts = vector.Scheme.Describe(request, default);

        Assert.InRange(await WebhookSchemeKit.CheckAsync(vector.Scheme, new WebhookVector
        {
            Request = request,
            Id = facts.Id,
            EventType = facts.EventType,
            IsIdSigned = facts is { Id: not null, IsIdSigned: true },
            IsEventTypeSigned = facts is { EventType.Length: > 0, IsEventTypeSigned: true },
        }), 250, 1000);
    }

    [Fact]
    public async Task Token_passes_though_it_signs_no_body() => Assert.InRange(
        await WebhookSchemeKit.CheckAsync(new TokenScheme(new WebhookTokenOptions()), new WebhookVector
        {
            Request = new WebhookRequest
            {
                Headers = new HeaderDictionary { ["X-Gitlab-Token"] = "a-token-of-some-length" },
                Body = Body,
                Secrets = ["a-token-of-some-length"],
            },
            IsBodySigned = false,
        }), 240, 1000);

    [Theory]
    [InlineData("accepts all", "It accepts another secret.")]
    [InlineData("accepts all", "It accepts the body empty.")]
    [InlineData("throws", "It throws FormatException because of X-Code")]
    [InlineData("takes the first secret", "It must accept the right secret behind another one")]
    [InlineData("claims the id", "IsIdSigned is true, but the id changes with the header X-Id")]
    [InlineData("compares the beginning", "It accepts X-Code without its last four characters.")]
    [InlineData("has no proof", "Proof is null")]
    [InlineData("signs a time", "It accepts a request that is ")]
    public async Task Bad_scheme_is_found(string flaw, string failure)
    {
        var refused = await Assert.ThrowsAsync<WebhookSchemeException>(() =>
            WebhookSchemeKit.CheckAsync(new FlawedScheme(flaw), new WebhookVector
            {
                Request = new WebhookRequest
                {
                    Headers = new HeaderDictionary
                    {
                        ["X-Code"] = Convert.ToHexStringLower(HMACSHA256.HashData("a secret of some length"u8, Body)),
                        ["X-Id"] = "i1",
                    },
                    Body = Body,
                    Secrets = ["a secret of some length"],
                },
                Id = "i1",
                IsIdSigned = flaw == "claims the id",
            }));

        Assert.Contains(refused.Failures, x => x.StartsWith(failure, StringComparison.Ordinal));
        Assert.DoesNotContain("a secret of some length", refused.ToString(), StringComparison.Ordinal);
    }

    sealed class FlawedScheme(string flaw) : WebhookScheme
    {
        public override IReadOnlyList<string> ProofHeaders => ["X-Code"];

        public override bool SignsTimestamp => flaw == "signs a time";

        public override ValueTask<WebhookVerification> VerifyAsync(WebhookRequest request, CancellationToken cancellationToken = default) =>
            new(Verify(request));

        WebhookVerification Verify(WebhookRequest request)
        {
            var code = request.Header("X-Code");
            if (flaw == "accepts all")
                return new WebhookVerification(WebhookVerdict.Accepted) { Proof = [1] };
            if (code is null)
                return WebhookVerdict.SignatureMissing;
            if (flaw == "throws")
                Convert.FromHexString(code);
            var secrets = flaw == "takes the first secret" ? request.Secrets.Take(1) : request.Secrets;
            foreach (var secret in secrets.Where(x => !string.IsNullOrWhiteSpace(x)))
            {
                var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), request.Body.Span));
                if (flaw == "compares the beginning" ? code.Length > 0 && expected.StartsWith(code, StringComparison.Ordinal)
                    : expected == code)
                    return new WebhookVerification(WebhookVerdict.Accepted) { Proof = flaw == "has no proof" ? null : [1] };
            }

            return request.Secrets.Any(x => !string.IsNullOrWhiteSpace(x)) ? WebhookVerdict.SignatureMismatch
                : WebhookVerdict.SecretsUnavailable;
        }

        public override WebhookFacts Describe(WebhookRequest request, WebhookVerification verification) =>
            new(request.Header("X-Id")) { IsIdSigned = flaw == "claims the id" };
    }
}
