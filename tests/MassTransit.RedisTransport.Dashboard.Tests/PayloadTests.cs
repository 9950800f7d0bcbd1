using System.Diagnostics;
using System.Text;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Payloads;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>Bodies are shown as they were sent, and whatever they are costs little.</summary>
public sealed class PayloadTests
{
    [Theory]
    [InlineData("12345678901234567890.10")]
    [InlineData("-0")]
    [InlineData("1e400")]
    [InlineData("1.0")]
    [InlineData("\"\\u00e9\\/\\n\"")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void A_value_stays_as_it_was_sent(string json)
    {
        var payload = Read(json, "application/json");
        Assert.Equal((PayloadKind.Json, json), (payload.Kind, payload.Text));
    }

    [Fact]
    public void Json_is_indented_in_its_order_and_with_its_duplicates()
    {
        var payload = Read("""{"b":1,"a":[1,{"x":null}],"b":{},"c":"d"}""", "application/problem+json; charset=utf-8");
        Assert.Equal("""
            {
              "b": 1,
              "a": [
                1,
                {
                  "x": null
                }
              ],
              "b": {},
              "c": "d"
            }
            """, payload.Text);
        Assert.True(payload.IsComplete);
    }

    [Fact]
    public void Secret_headers_in_a_body_are_hidden_and_others_of_that_name_are_not()
    {
        var payload = Payload.Read(Encoding.UTF8.GetBytes(
            """{"headers":{"Authorization":"Bearer s3cret","X-Event":"push","nested":{"token":"s3cret"}},"token":"shown"}"""),
            "application/json", Secrets.IsSecret);
        Assert.DoesNotContain("s3cret", payload.Text, StringComparison.Ordinal);
        Assert.Contains("\"push\"", payload.Text, StringComparison.Ordinal);
        Assert.Contains("\"token\": \"shown\"", payload.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_json_is_text_and_what_is_no_text_is_bytes()
    {
        Assert.Equal(PayloadKind.Text, Read("{\"a\":", "application/json").Kind);
        Assert.Equal(PayloadKind.Text, Read("<a/>", "application/xml").Kind);
        Assert.Equal(PayloadKind.Json, Read(" [1]", null).Kind);
        Assert.Equal(PayloadKind.Empty, Read("", "application/json").Kind);
        Assert.Equal(PayloadKind.Binary, Payload.Read(new byte[] { 0xc3, 0x28 }, "application/json").Kind);
        Assert.Equal(PayloadKind.Binary, Read("a\0b", "text/plain").Kind);
        var form = Read("a=1+2&b=%3Cb%3E&b=&c&%zz=1", "application/x-www-form-urlencoded");
        Assert.Equal(["a=1 2", "b=<b>", "b=", "c=", "%zz=1"], form.Fields.Select(x => $"{x.Key}={x.Value}"));
    }

    public static TheoryData<string> Monsters => ["deep", "deeper", "keys", "string", "quotes", "numbers", "text", "bytes", "bidi"];

    [Theory]
    [MemberData(nameof(Monsters))]
    public void No_body_makes_a_large_page_or_takes_long(string kind)
    {
        var body = Encoding.UTF8.GetBytes(kind switch
        {
            "deep" => new string('[', 100_000) + new string(']', 100_000),
            "deeper" => string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000),
            "keys" => "{" + string.Join(',', Enumerable.Range(0, 1_000_000).Select(x => $"\"k{x}\":{x}")) + "}",
            "string" => $"\"{new string('s', 50_000_000)}\"",
            "quotes" => "[" + string.Join(',', Enumerable.Repeat("\"\"", 200_000)) + "]",
            "numbers" => "[" + string.Join(',', Enumerable.Repeat("1", 2_000_000)) + "]",
            "text" => new string('<', 10_000_000),
            "bytes" => new string('\0', 10_000_000),
            _ => string.Concat(Enumerable.Repeat("\u202e\u200b", 500_000)),
        });
        _ = Page(body);
        var (allocated, started) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        var page = Page(body);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 20_000_000);
        Assert.InRange(page, 1, 120 * 1024);
    }

    [Fact]
    public void A_hole_is_encoded_in_text_and_in_attributes()
    {
        var html = new Html();
        html.Write($"""<p title="{"\"'<>&`"}">{"</p>\u202e"}</p><input value="{new ExactText("\"\u202e")}">""");
        Assert.Equal("<p title=\"&#34;&#39;&lt;&gt;&amp;&#96;\">&lt;/p&gt;[U+202E]</p><input value=\"&#34;\u202e\">", html.ToString());
    }

    [Fact]
    public void A_text_is_never_an_address()
    {
        var html = new Html();
        var text = "javascript:alert(1)";
        Assert.Throws<InvalidOperationException>(() => html.Write($"""<a href="{text}">"""));
        Assert.Throws<InvalidOperationException>(() => html.Write($"""<button formaction="{text}">"""));
        Assert.Throws<ArgumentException>(() => Link.External(text));
        Assert.Throws<ArgumentException>(() => Link.Local("//evil.example"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("orders_error")]
    [InlineData("~root")]
    [InlineData("=ls")]
    [InlineData("it's \"a\" $(touch /tmp/x) `id` \\ ! * ? {a,b} # & | ; < >")]
    [InlineData("'")]
    [InlineData("--flag")]
    [InlineData("ünïcödé 漢字")]
    [InlineData("two\nlines")]
    public async Task A_shell_reads_a_quoted_word_back_as_it_was(string word)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", $"printf %s {Shell.Quote(word, isBlock: true)}"])
        {
            RedirectStandardOutput = true,
        })!;
        Assert.Equal(word, await shell.StandardOutput.ReadToEndAsync());
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("\u001b[31m")]
    [InlineData("a\u202eb")]
    [InlineData("a\0b")]
    public void A_word_that_is_not_what_it_looks_like_is_not_quoted(string word) => Assert.Null(Shell.Quote(word));

    [Theory]
    [InlineData("plain ünïcödé 漢字 😀\n\t", "plain ünïcödé 漢字 😀\n\t")]
    [InlineData("a\r\nb\rc", "a\nb␍c")]
    [InlineData("\u0000\u001b[31m\u007f\u0085", "␀␛[31m␡[U+0085]")]
    [InlineData("\u200b\u200b\u200b", "[U+200B ×3]")]
    [InlineData("\U000E0041", "[U+E0041]")]
    public void Invisible_characters_are_written_out(string text, string shown) => Assert.Equal(shown, VisibleText.Of(text));

    [Fact]
    public void Half_a_surrogate_pair_is_written_out() => Assert.Equal("[U+D800]x[U+DC00]", VisibleText.Of("\ud800x\udc00"));

    static int Page(byte[] body)
    {
        var payload = Payload.Read(body, null);
        var html = new Html();
        html.TextWithin(payload.Text, 100 * 1024);
        return html.ToBytes().Length;
    }

    static Payload Read(string body, string? contentType) => Payload.Read(Encoding.UTF8.GetBytes(body), contentType);
}
