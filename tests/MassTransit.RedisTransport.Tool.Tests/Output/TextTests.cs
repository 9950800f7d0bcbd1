using System.Text;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Tests.Output;

/// <summary>Texts of strangers at a terminal, durations, bodies.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\nb\tc", "a␊b␉c")]
    [InlineData("\e[31m\u007f\u0085", "␛[31m␡<U+0085>")]
    [InlineData("\u202eabc\u200b\u2066\ufeff", "<U+202E>abc<U+200B><U+2066><U+FEFF>")]
    [InlineData("žluťoučký 漢字 😀", "žluťoučký 漢字 😀")]
    public void What_a_terminal_would_obey_is_shown(string text, string visible) => Assert.Equal(visible, VisibleText.Line(text));

    [Fact]
    public void Half_of_a_pair_is_shown() => Assert.Equal("<U+D800>x<U+DC00>", VisibleText.Line("\ud800x\udc00"));

    [Fact]
    public void Lines_keep_their_breaks_and_nothing_else() =>
        Assert.Equal("a\n\tb\nc␇", VisibleText.Lines("a\r\n\tb\rc\a"));

    [Theory]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("漢字漢字", 5, "漢字…")]
    [InlineData("abc", 3, "abc")]
    public void A_text_is_cut_by_columns_and_not_by_characters(string text, int width, string fitted)
    {
        Assert.Equal(fitted, VisibleText.Fit(text, width));
        Assert.True(VisibleText.Width(fitted) <= width);
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("1h30m", 5400)]
    [InlineData("7d", 604800)]
    [InlineData("1500ms", 1.5)]
    [InlineData("0s", 0)]
    public void Durations_are_read(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("m5")]
    [InlineData("-1s")]
    [InlineData("1 s")]
    [InlineData("99999999999s")]
    [InlineData("99999999d")]
    public void Other_texts_are_no_durations(string text) => Assert.False(Durations.TryParse(text, out _));

    [Fact]
    public void Json_is_indented_and_no_token_of_it_is_changed()
    {
        var body = """{"n":12345678901234567890.10,"z":-0,"e":1e400,"a":1,"a":2,"u":"\u00e9\/","l":[],"o":{},"x":[1,{"y":null}]}""";
        var shown = Payload.Show(Encoding.UTF8.GetBytes(body), "application/json");
        Assert.Equal(body, string.Concat(shown.Split('\n').Select(x => x.Trim())).Replace("\": ", "\":", StringComparison.Ordinal));
        Assert.Contains("\n  \"n\": 12345678901234567890.10,\n", shown, StringComparison.Ordinal);
        Assert.Contains("\"l\": [],\n  \"o\": {},\n  \"x\": [\n    1,\n", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_json_is_text_and_what_is_no_text_is_hex()
    {
        Assert.Equal("{broken", Payload.Show("{broken"u8, "application/json"));
        Assert.Equal(new string('[', 100_000)[..65536] + "\n… 34464 of 100000 bytes more: --raw writes all",
            Payload.Show(Encoding.UTF8.GetBytes(new string('[', 100_000)), null));
        Assert.StartsWith("000000  ff fe 00 01", Payload.Show([0xFF, 0xFE, 0, 1], null), StringComparison.Ordinal);
        var text = new string('é', 40_000);
        Assert.StartsWith("éé", Payload.Show(Encoding.UTF8.GetBytes(text), "text/plain"), StringComparison.Ordinal);
        Assert.StartsWith("000000", Payload.Show([0x80, .. Encoding.UTF8.GetBytes(text)], "text/plain"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Api-Key")]
    [InlineData("api_key")]
    [InlineData("APIKEY")]
    [InlineData("private_key")]
    [InlineData("X-Private-Key-Id")]
    [InlineData("client_secret")]
    [InlineData("aws-access-key")]
    [InlineData("access_key")]
    [InlineData("passwd")]
    [InlineData("Proxy-Authorization")]
    [InlineData("X-Amz-Security-Token")]
    [InlineData("X-Credentials")]
    [InlineData("Set-Cookie")]
    public void Headers_that_look_like_secrets_are_masked(string name)
    {
        Assert.Equal("(masked: --unmask shows it)", Masking.Of(name, "x", unmask: false));
        Assert.Equal("x", Masking.Of(name, "x", unmask: true));
    }

    [Theory]
    [InlineData("X-Key")]
    [InlineData("Content-Type")]
    [InlineData("Idempotency-Key")]
    [InlineData("X-GitHub-Event")]
    public void Other_headers_are_shown(string name) => Assert.Equal("x", Masking.Of(name, "x", unmask: false));

    [Fact]
    public void A_table_is_as_wide_as_the_terminal_and_the_widest_column_gives_way()
    {
        using var stream = new MemoryStream();
        var shape = new Shape<(string Name, int Count)>(new("name", "NAME", x => x.Name), new("count", "COUNT", x => x.Count));
        new DataOutput(stream, OutputFormat.Table, 20, color: false).List(shape, [("short", 1), (new string('x', 40), 12)]);
        Assert.Equal("NAME           COUNT\nshort              1\nxxxxxxxxxxxx…     12\n", Encoding.UTF8.GetString(stream.ToArray()));
    }
}
