using System.Security.Cryptography;

namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

public class SchemeVectorTests
{
    [Theory, MemberData(nameof(Vectors.Names), MemberType = typeof(Vectors))]
    public void Published_vector_is_accepted(string name) => Assert.Equal("accepted", Vectors.All[name].Verify());

    [Fact]
    public void Stripe_vector_was_copied_byte_for_byte() =>
        Assert.Equal("98cc89412549ca7faf118fca984763bdb6f81e13d1ce8c528dbbb5be602ec1be",
            Convert.ToHexStringLower(SHA256.HashData(Vectors.Stripe.Body)));

    [Theory, MemberData(nameof(Vectors.Names), MemberType = typeof(Vectors))]
    public void Another_secret_is_refused(string name) =>
        Assert.Equal("signature-mismatch", Vectors.All[name].Verify("whsec_bm90IHRoYXQgb25l"));

    [Theory, MemberData(nameof(Vectors.Names), MemberType = typeof(Vectors))]
    public void Any_of_several_secrets_accepts(string name)
    {
        var vector = Vectors.All[name];
        Assert.Equal("accepted", vector.Verify("whsec_bm90IHRoYXQgb25l", vector.Secret));
        Assert.Equal("accepted", vector.Verify(vector.Secret, "whsec_bm90IHRoYXQgb25l"));
    }

    [Theory, MemberData(nameof(Vectors.Names), MemberType = typeof(Vectors))]
    public void Without_its_signature_it_is_refused(string name)
    {
        var vector = Vectors.All[name];
        Assert.Equal("signature-missing", vector.Without(vector.SignatureHeader).Verify());
        Assert.Equal("signature-missing", vector.WithSignature("").Verify());
    }

    [Theory, MemberData(nameof(Vectors.Names), MemberType = typeof(Vectors))]
    public void Two_signature_headers_are_refused_even_if_both_are_right(string name)
    {
        var vector = Vectors.All[name];
        Assert.Equal("signature-malformed", vector.WithSignature(vector.Signature, vector.Signature).Verify());
    }

    [Theory, MemberData(nameof(Vectors.Names), MemberType = typeof(Vectors))]
    public void Empty_secrets_accept_nothing(string name) => Assert.Equal("secrets-unavailable", Vectors.All[name].Verify(""));

    [Theory]
    [InlineData("standard", "webhook-timestamp")]
    [InlineData("svix", "svix-timestamp")]
    [InlineData("slack", "X-Slack-Request-Timestamp")]
    public void Timestamps_are_digits_once(string name, string header)
    {
        var vector = Vectors.All[name];
        Assert.Equal("timestamp-missing", vector.Without(header).Verify());
        Assert.Equal("timestamp-malformed", vector.With(header, "1", "1").Verify());
        foreach (var text in new[] { "soon", "+1", "-1", "1.5", "1e3", "99999999999999999999999", "１２" })
            Assert.Equal("timestamp-malformed", vector.With(header, text).Verify());
        Assert.Equal("timestamp-outside-window", vector.With(header, "9223372036854775807").Verify());
    }

    [Theory]
    [InlineData("standard", 1614265330)]
    [InlineData("slack", 1531420618)]
    [InlineData("stripe", 1533204620)]
    public void Window_has_two_sides_and_includes_its_edges(string name, long sent)
    {
        var vector = Vectors.All[name];
        foreach (var offset in new[] { -300, -1, 0, 300 })
            Assert.Equal("accepted", (vector with { Now = sent + offset }).Verify());
        foreach (var offset in new[] { -301, 301, -1_000_000, 1_000_000 })
            Assert.Equal("timestamp-outside-window", (vector with { Now = sent + offset }).Verify());
    }

    [Theory]
    [InlineData("standard")]
    [InlineData("svix")]
    [InlineData("slack")]
    [InlineData("stripe")]
    public void Old_request_is_refused_by_its_headers_before_anything_is_computed(string name)
    {
        var vector = Vectors.All[name];
        var old = vector with { Now = vector.Now + 1000 };
        Assert.Equal("timestamp-outside-window", old.Precheck());
        Assert.Equal("timestamp-outside-window", old.Verify(""));
    }

    [Theory, MemberData(nameof(Vectors.Names), MemberType = typeof(Vectors))]
    public void Headers_alone_say_whether_a_signature_can_be_read(string name)
    {
        var vector = Vectors.All[name];
        Assert.Equal("accepted", vector.Precheck());
        Assert.Equal("signature-missing", vector.Without(vector.SignatureHeader).Precheck());
        Assert.Equal("signature-malformed", vector.WithSignature("nonsense!").Precheck());
        Assert.Equal("signature-malformed", vector.WithSignature(vector.Signature, vector.Signature).Precheck());
    }

    /// <summary>No secret is looked at: with none, the answer is the same.</summary>
    [Fact]
    public void Codes_of_unknown_versions_alone_cost_no_hash()
    {
        foreach (var (vector, list) in new[] { (Vectors.Standard, "v1a,whatever v2,else"), (Vectors.Stripe, "t=1533204620,v0=x") })
        {
            Assert.Equal("signature-mismatch", vector.WithSignature(list).Precheck());
            Assert.Equal("signature-mismatch", vector.WithSignature(list).Verify(""));
        }

        Assert.Equal("signature-mismatch", Vectors.GitHub.WithSignature("sha256=0011").Precheck());
    }
}
