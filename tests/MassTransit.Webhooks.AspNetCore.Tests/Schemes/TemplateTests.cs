using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

/// <summary>One signature stands for one reading of the signed bytes, or the receiver does not start.</summary>
public class TemplateTests
{
    [Theory]
    [InlineData("{id}{body}", "{id} and {body}")]
    [InlineData("{body}{id}", "{id} and {body}")]
    [InlineData("{timestamp}0{body}", "the digit 0 beside {timestamp}")]
    [InlineData("{body}.1{timestamp}", "the digit 1 beside {timestamp}")]
    [InlineData("{body}.{body}", "the content twice")]
    [InlineData("{body}.{form}", "the content twice")]
    [InlineData("{url}.{body}.{url}", "{url} twice")]
    [InlineData("{url}", "neither {body} nor {form}")]
    public void Template_with_two_readings_is_refused_with_the_cure(string template, string expected)
    {
        var refused = Assert.Throws<ArgumentException>(() => Scheme(template));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{id}.{body}")]
    [InlineData("{body}.{id}")]
    [InlineData("{id}:{timestamp}:{body}")]
    [InlineData("{timestamp}:{id}.{body}.{timestamp}")]
    [InlineData("v0{id}|{body}|{timestamp}")]
    public void Template_with_one_reading_is_taken_and_bytes_do_not_move(string template)
    {
        var scheme = Scheme(template);
        const string time = "1000";
        foreach (var separator in new[] { ".", ":", "|" })
        {
            // One signature over the same bytes, read in two ways.
            var one = Signed(scheme, template, "a", time, $"b{separator}c");
            Assert.Equal("accepted", one.Verify());
            foreach (var (id, body) in new[] { ($"a{separator}b", "c"), ($"b{separator}c", "a"), ("", $"a{separator}b{separator}c"),
                ($"c{separator}a", "b") })
                Assert.NotEqual("accepted", (one with { Body = Encoding.UTF8.GetBytes(body) }).With("X-Id", id).Verify());
        }
    }

    [Fact]
    public void Id_with_the_separator_is_malformed_however_well_it_is_signed()
    {
        var scheme = Scheme("{id}.{body}");
        Assert.Equal("accepted", Signed(scheme, "{id}.{body}", "a-b", "", "c").Verify());
        Assert.Equal("id-malformed", Signed(scheme, "{id}.{body}", "a.b", "", "c").Verify());
        Assert.Equal("id-malformed", Signed(scheme, "{id}.{body}", "a.b", "", "c").Precheck());
        // Half a character is written as the same bytes as any other half.
        Assert.Equal("id-malformed", Signed(scheme, "{id}.{body}", "a\ud800", "", "c").Verify());
    }

    static HmacScheme Scheme(string template) => new(new WebhookHmacOptions
    {
        Header = "X-Sig",
        SignedContent = template,
        IdHeader = "X-Id",
        TimestampHeader = template.Contains("{timestamp}", StringComparison.Ordinal) ? "X-Time" : null
    });

    static Delivery Signed(HmacScheme scheme, string template, string id, string time, string body)
    {
        var content = template.Replace("{id}", id, StringComparison.Ordinal).Replace("{timestamp}", time, StringComparison.Ordinal)
            .Replace("{body}", body, StringComparison.Ordinal);
        var code = Convert.ToHexStringLower(HMACSHA256.HashData("a secret of some length"u8, Encoding.UTF8.GetBytes(content)));
        return new Delivery(scheme, "a secret of some length", 1000, body, new() { ["X-Sig"] = code, ["X-Id"] = id, ["X-Time"] = time });
    }
}
