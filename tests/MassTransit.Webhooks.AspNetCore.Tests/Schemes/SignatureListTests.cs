namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

public class SignatureListTests
{
    const string StandardZero = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const string HexZero = "0000000000000000000000000000000000000000000000000000000000000000";

    [Theory]
    [InlineData("{0} " + StandardZero, "accepted")]
    [InlineData(StandardZero + " {0}", "accepted")]
    [InlineData("v1a,whatever v2,else {0}", "accepted")]
    [InlineData("v1,??? {0}", "accepted")]
    [InlineData(StandardZero, "signature-mismatch")]
    [InlineData("v0,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "signature-mismatch")]
    [InlineData("v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "signature-mismatch")]
    [InlineData("v1,g0hM9SsE", "signature-mismatch")]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=", "signature-malformed")]
    [InlineData("v1,", "signature-malformed")]
    [InlineData("v1", "signature-malformed")]
    [InlineData(",", "signature-malformed")]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE", "signature-malformed")]
    [InlineData("v1,g0hM9SsE+OTPJTGt_tmIKtSyZlE3uFJELVlNIOLJ1OE=", "signature-malformed")]
    public void Standard_list(string list, string expected)
    {
        var vector = Vectors.Standard;
        var value = list.Replace("{0}", vector.Signature, StringComparison.Ordinal);
        Assert.Equal(expected, vector.WithSignature(value).Verify());
        Assert.Equal(expected, vector.WithSignature(value).AsSvix().Verify());
    }

    [Theory]
    [InlineData("t=1533204620,v1=" + HexZero + ",v1={0}", "accepted")]
    [InlineData("t=1533204620,v1={0},v1=" + HexZero, "accepted")]
    [InlineData("v1={0},t=1533204620", "accepted")]
    [InlineData("t=1533204620,v2=x,v1={0},v0=y", "accepted")]
    [InlineData("t=1533204620,v1=zz,v1={0}", "accepted")]
    [InlineData("t=1533204620,v0={0}", "signature-mismatch")]
    [InlineData("t=1533204620,v1=" + HexZero, "signature-mismatch")]
    [InlineData("t=1533204620,v1=22", "signature-mismatch")]
    [InlineData("t=1533204620,v1=222", "signature-malformed")]
    [InlineData("t=1533204620,v1=zz", "signature-malformed")]
    [InlineData("t=1533204620,v1=", "signature-malformed")]
    [InlineData("t=1533204620", "signature-malformed")]
    [InlineData("=", "signature-malformed")]
    [InlineData("nonsense", "signature-malformed")]
    [InlineData("v1={0}", "timestamp-missing")]
    [InlineData("t=,v1={0}", "timestamp-missing")]
    [InlineData("t=now,v1={0}", "timestamp-malformed")]
    [InlineData("t=1533204620,t=1533204620,v1={0}", "timestamp-malformed")]
    public void Stripe_list(string list, string expected)
    {
        const string code = "2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7";
        Assert.Equal(expected, Vectors.Stripe.WithSignature(list.Replace("{0}", code, StringComparison.Ordinal)).Verify());
    }

    [Theory]
    [InlineData("github", "sha256=")]
    [InlineData("slack", "v0=")]
    public void Hex_code_is_whole_and_prefixed(string name, string prefix)
    {
        var vector = Vectors.All[name];
        Assert.Equal("signature-mismatch", vector.WithSignature(prefix + HexZero).Verify());
        Assert.Equal("signature-mismatch", vector.WithSignature(vector.Signature[..^2]).Verify());
        foreach (var text in new[] { prefix, prefix + "xyz!", vector.Signature[..^1], vector.Signature + "0",
            vector.Signature[prefix.Length..], "sha1=" + HexZero, new string('=', 4000) })
            Assert.Equal("signature-malformed", vector.WithSignature(text).Verify());
    }

    [Theory]
    [InlineData("3X6clrsy+C8mmzR/MeTh6b/EcLr46WLZaU+24GrPXOM", "signature-malformed")]
    [InlineData("3X6clrsy", "signature-mismatch")]
    [InlineData("!", "signature-malformed")]
    public void Shopify_code_is_whole(string signature, string expected) =>
        Assert.Equal(expected, Vectors.Shopify.WithSignature(signature).Verify());

    [Theory]
    [InlineData("msg.1", "id-malformed")]
    [InlineData("msg_other", "signature-mismatch")]
    [InlineData("", "id-missing")]
    public void Standard_id_is_signed(string id, string expected) =>
        Assert.Equal(expected, Vectors.Standard.With("webhook-id", id).Verify());

    [Fact]
    public void Standard_names_win_over_those_of_Svix_and_are_not_mixed() =>
        Assert.Equal("id-missing", Vectors.Standard.Without("webhook-id").With("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek").Verify());
}
