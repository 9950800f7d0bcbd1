using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

/// <summary>What senders do that the first declared scheme could not say. Each one is also tried with all that breaks a request.</summary>
public class DeclaredSchemeTests
{
    const string Secret = "a secret of some length";
    const string Body = """{"id":"evt_1","event":{"type":"paid"},"n":1}""";
    const string Address = "https://hooks.example.com/webhooks/acme?x=1";

    static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-01-31T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
    static readonly long Seconds = Now.ToUnixTimeSeconds();

    static byte[] Mac(string content, WebhookHash hash = WebhookHash.Sha256, byte[]? key = null) =>
        CryptographicOperations.HmacData(HmacDeclaration.AlgorithmOf(hash), key ?? Encoding.UTF8.GetBytes(Secret),
            Encoding.UTF8.GetBytes(content));

    static string Hex(byte[] code) => Convert.ToHexStringLower(code);

    static WebhookRequest Request(Dictionary<string, string> headers, string body = Body, string secret = Secret, string? address = null)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers)
            dictionary[name] = value;
        return new WebhookRequest
        {
            Headers = dictionary,
            Body = Encoding.UTF8.GetBytes(body),
            Secrets = [secret],
            Now = Now,
            Addresses = address is null ? [] : [address],
        };
    }

    static Task<int> CheckAsync(WebhookHmacOptions options, WebhookRequest request, string? id = null, bool isIdSigned = false,
        bool isAddressSigned = false) => WebhookSchemeKit.CheckAsync(new HmacScheme(options), new WebhookVector
        {
            Request = request,
            Id = id,
            IsIdSigned = isIdSigned,
            IsAddressSigned = isAddressSigned,
        });

    [Theory]
    [InlineData(",", "t=", "v1=", "t={0},v1={1}")]
    [InlineData(";", "ts=", "h1=", "ts={0};h1={1}")]
    [InlineData(",", "t=", "v1=", "v0=0011, v1=0011, v1={1}, t={0}")]
    public async Task Time_and_codes_in_one_header_under_any_names(string separator, string time, string prefix, string form)
    {
        var value = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, Seconds, Hex(Mac($"{Seconds}:{Body}")));
        Assert.InRange(await CheckAsync(new WebhookHmacOptions
        {
            Header = "Acme-Signature",
            Separator = separator,
            TimestampPrefix = time,
            Prefix = prefix,
            SignedContent = "{timestamp}:{body}",
            IdProperty = "id",
        }, Request(new() { ["Acme-Signature"] = value }), "evt_1", isIdSigned: true), 250, 400);
    }

    [Fact]
    public async Task Several_codes_in_one_header_without_a_time() =>
        await CheckAsync(new WebhookHmacOptions { Header = "X-Sig", Separator = ",", Prefix = "v1=" },
            Request(new() { ["X-Sig"] = $"v1={Hex(Mac("other"))},v1={Hex(Mac(Body))}" }));

    [Fact]
    public async Task Several_headers_with_a_code_each()
    {
        var options = new WebhookHmacOptions
        {
            Header = "X-Sig-1",
            OtherHeaders = { "X-Sig-2", "X-Sig-3" },
            Encoding = WebhookCodeEncoding.Base64
        };
        var right = Convert.ToBase64String(Mac(Body));
        await CheckAsync(options, Request(new() { ["X-Sig-1"] = right }));
        await CheckAsync(options, Request(new() { ["X-Sig-3"] = right }));
        await CheckAsync(options, Request(new() { ["X-Sig-1"] = Convert.ToBase64String(Mac("other")), ["X-Sig-2"] = right }));
    }

    [Theory]
    [InlineData(WebhookTimestampFormat.UnixMilliseconds, "1769860800000")]
    [InlineData(WebhookTimestampFormat.UnixMilliseconds, "1769861100000")]
    [InlineData(WebhookTimestampFormat.Iso8601, "2026-01-31T12:00:00Z")]
    [InlineData(WebhookTimestampFormat.Iso8601, "2026-01-31T12:05:00.000Z")]
    [InlineData(WebhookTimestampFormat.Iso8601, "2026-01-31T11:55:00.000000001Z")]
    [InlineData(WebhookTimestampFormat.Iso8601, "2026-01-31T13:00:00+01:00")]
    public async Task Times_in_other_forms(WebhookTimestampFormat format, string time) => await CheckAsync(new WebhookHmacOptions
    {
        Header = "X-Sig",
        SignedContent = "{timestamp}|{body}",
        TimestampHeader = "X-Time",
        TimestampFormat = format,
    }, Request(new() { ["X-Sig"] = Hex(Mac($"{time}|{Body}")), ["X-Time"] = time }));

    [Theory]
    [InlineData(WebhookTimestampFormat.UnixMilliseconds, "1769861100001", "timestamp-outside-window")]
    [InlineData(WebhookTimestampFormat.UnixMilliseconds, "1769860800", "timestamp-outside-window")]
    [InlineData(WebhookTimestampFormat.Iso8601, "2026-01-31T12:05:00.001Z", "timestamp-outside-window")]
    [InlineData(WebhookTimestampFormat.Iso8601, "2026-01-31T12:00:00", "timestamp-malformed")]
    [InlineData(WebhookTimestampFormat.Iso8601, "2026-01-31 12:00:00Z", "timestamp-malformed")]
    [InlineData(WebhookTimestampFormat.Iso8601, "2026-01-31T12:00:00.Z", "timestamp-malformed")]
    [InlineData(WebhookTimestampFormat.Iso8601, "2026-01-31T12:00:00.0000000000Z", "timestamp-malformed")]
    [InlineData(WebhookTimestampFormat.Iso8601, "2026-01-31T12:00:00ZZ", "timestamp-malformed")]
    [InlineData(WebhookTimestampFormat.Iso8601, "26-01-31T12:00:00Z", "timestamp-malformed")]
    [InlineData(WebhookTimestampFormat.Iso8601, "1769860800", "timestamp-malformed")]
    [InlineData(WebhookTimestampFormat.UnixSeconds, "1769860800.0", "timestamp-malformed")]
    public void Times_that_are_none_or_too_far_away(WebhookTimestampFormat format, string time, string expected)
    {
        var scheme = new HmacScheme(new WebhookHmacOptions
        {
            Header = "X-Sig",
            SignedContent = "{timestamp}|{body}",
            TimestampHeader = "X-Time",
            TimestampFormat = format,
        });
        var request = Request(new() { ["X-Sig"] = Hex(Mac($"{time}|{Body}")), ["X-Time"] = time });

        Assert.Equal(expected, IngressReasons.Of(scheme.Verify(request).Verdict).Describe().Code);
    }

    [Theory]
    [InlineData(WebhookHash.Sha1)]
    [InlineData(WebhookHash.Sha512)]
    public async Task Other_hashes(WebhookHash hash) =>
        await CheckAsync(new WebhookHmacOptions { Header = "X-Sig", Hash = hash, AllowSha1 = true, Prefix = "h=" },
            Request(new() { ["X-Sig"] = $"h={Hex(Mac(Body, hash))}" }));

    [Theory]
    [InlineData("{method}{url}{body}")]
    [InlineData("{url}{body}")]
    [InlineData("{body}{url}")]
    [InlineData("{method} {url}\n{body}")]
    public async Task Method_and_address(string content) =>
        await CheckAsync(new WebhookHmacOptions { Header = "X-Sig", SignedContent = content },
        Request(new()
        {
            ["X-Sig"] = Hex(Mac(content.Replace("{method}", "POST", StringComparison.Ordinal)
                .Replace("{url}", Address, StringComparison.Ordinal)
                .Replace("{body}", Body, StringComparison.Ordinal))),
        }, address: Address), isAddressSigned: true);

    [Fact]
    public async Task Method_address_body_and_time_without_separators() => await CheckAsync(new WebhookHmacOptions
    {
        Header = "X-Sig",
        Encoding = WebhookCodeEncoding.Base64,
        SignedContent = "{method}{url}{body}{timestamp}",
        TimestampHeader = "X-Time",
        TimestampFormat = WebhookTimestampFormat.UnixMilliseconds,
    }, Request(new() { ["X-Sig"] = Convert.ToBase64String(Mac($"POST{Address}{Body}{Seconds}000")), ["X-Time"] = $"{Seconds}000" },
        address: Address), isAddressSigned: true);

    [Fact]
    public async Task Id_and_time_of_known_lengths_without_separators() => await CheckAsync(new WebhookHmacOptions
    {
        Header = "X-Sig",
        SignedContent = "{id}{timestamp}{body}",
        IdHeader = "X-Id",
        IdLength = 36,
        TimestampHeader = "X-Time",
        TimestampFormat = WebhookTimestampFormat.Iso8601,
    }, Request(new()
    {
        ["X-Sig"] = Hex(Mac($"e76c6bd4-55c9-4987-8304-da1588d8988b2026-01-31T12:00:00.123456789Z{Body}")),
        ["X-Id"] = "e76c6bd4-55c9-4987-8304-da1588d8988b",
        ["X-Time"] = "2026-01-31T12:00:00.123456789Z",
    }), "e76c6bd4-55c9-4987-8304-da1588d8988b", isIdSigned: true);

    [Fact]
    public async Task Sorted_form() => await CheckAsync(new WebhookHmacOptions { Header = "X-Sig", SignedContent = "{url}{form}" },
        Request(new() { ["X-Sig"] = Hex(Mac(Address + "A one+twoAOneBx&y=zÄä")) }, "B=x%26y%3Dz&A=One&A=%20one%2Btwo&%C3%84=%C3%A4&A=One",
            address: Address), isAddressSigned: true);

    [Fact]
    public async Task Hash_of_the_body_in_the_address()
    {
        var address = $"{Address}&bodySHA256={Hex(SHA256.HashData(Encoding.UTF8.GetBytes(Body)))}";
        await CheckAsync(new WebhookHmacOptions { Header = "X-Sig", SignedContent = "{url}", BodyHashParameter = "bodySHA256" },
            Request(new() { ["X-Sig"] = Hex(Mac(address)) }, address: address), isAddressSigned: true);
    }

    [Theory]
    [InlineData(WebhookSecretEncoding.Base64, "", "AAECAwQFBgcICQoLDA0ODw==")]
    [InlineData(WebhookSecretEncoding.Base64, "key_", "key_AAECAwQFBgcICQoLDA0ODw==")]
    [InlineData(WebhookSecretEncoding.Base64, "key_", "AAECAwQFBgcICQoLDA0ODw==")]
    [InlineData(WebhookSecretEncoding.Hex, "", "000102030405060708090A0B0C0D0E0F")]
    [InlineData(WebhookSecretEncoding.Hex, "hex:", "hex:000102030405060708090a0b0c0d0e0f")]
    public async Task Secrets_in_other_encodings(WebhookSecretEncoding encoding, string prefix, string secret)
    {
        byte[] key = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        var options = new WebhookHmacOptions { Header = "X-Sig", SecretEncoding = encoding, SecretPrefix = prefix };
        var scheme = new HmacScheme(options);

        Assert.Equal((null, 16), (scheme.FindSecretError(secret), scheme.CountSecretBytes(secret)));
        Assert.Equal("accepted",
            IngressReasons.Of(scheme.Verify(Request(new() { ["X-Sig"] = Hex(Mac(Body, key: key)) }, secret: secret)).Verdict)
            .Describe().Code);
        Assert.NotNull(scheme.FindSecretError("no such text!"));
        await Task.CompletedTask;
    }

    [Fact]
    public void Facts_come_from_properties_of_the_body_and_are_signed_then()
    {
        var scheme = new HmacScheme(new WebhookHmacOptions { Header = "X-Sig", IdProperty = "id", EventTypeProperty = "event.type" });
        var facts = scheme.Describe(Request([]), default);

        Assert.Equal(new WebhookFacts("evt_1", "paid") { IsIdSigned = true, IsEventTypeSigned = true }, facts);
    }

    /// <summary>An address that the sender of a request may choose must not take in a part of the body, or give one up.</summary>
    [Theory]
    [InlineData("{url}{body}", "https://h.example/a", "b{}", "https://h.example/ab", "{}")]
    [InlineData("{url}{body}", "https://h.example/a", "{}", "https://h.example/a{", "}")]
    [InlineData("{url}.{body}", "https://h.example/a.b", "{}", "https://h.example/a", "b.{}")]
    [InlineData("{body}{url}", "https://h.example/a", "{\"u\":1}", "", "{\"u\":1}https://h.example/a")]
    [InlineData("{body}{url}", "https://h.example/https://h.example/a", "{}", "https://h.example/a", "{}https://h.example/")]
    public void Bytes_do_not_move_between_address_and_body(string template, string address, string body, string otherAddress,
        string otherBody)
    {
        string Sign(string url, string content) =>
            Hex(Mac(template.Replace("{url}", url, StringComparison.Ordinal).Replace("{body}", content, StringComparison.Ordinal)));
        Assert.Equal(Sign(address, body), Sign(otherAddress, otherBody));
        var scheme = new HmacScheme(new WebhookHmacOptions { Header = "X-Sig", SignedContent = template });
        WebhookVerdict Verify(string url, string content) =>
            scheme.Verify(Request(new() { ["X-Sig"] = Sign(address, body) }, content, address: url)).Verdict;

        Assert.Single(new[] { Verify(address, body), Verify(otherAddress, otherBody) }, x => x == WebhookVerdict.Accepted);
    }

    [Theory]
    [InlineData("{timestamp}{body}", WebhookTimestampFormat.UnixSeconds, "1769860800", "1{}", "17698608001", "{}")]
    [InlineData("{body}{timestamp}", WebhookTimestampFormat.UnixMilliseconds, "1769860800000", "{}1", "11769860800000", "{}")]
    [InlineData("{timestamp}{body}", WebhookTimestampFormat.Iso8601, "2026-01-31T12:00:00Z", "Z{}", "2026-01-31T12:00:00ZZ", "{}")]
    public void Bytes_do_not_move_between_time_and_body(string template, WebhookTimestampFormat format, string time, string body,
        string otherTime, string otherBody)
    {
        string Sign(string t, string content) =>
            Hex(Mac(template.Replace("{timestamp}", t, StringComparison.Ordinal).Replace("{body}", content, StringComparison.Ordinal)));
        Assert.Equal(Sign(time, body), Sign(otherTime, otherBody));
        var scheme = new HmacScheme(new WebhookHmacOptions
        {
            Header = "X-Sig",
            SignedContent = template,
            TimestampHeader = "X-Time",
            TimestampFormat = format,
        });
        WebhookVerdict Verify(string t, string content) =>
            scheme.Verify(Request(new() { ["X-Sig"] = Sign(time, body), ["X-Time"] = t }, content)).Verdict;

        Assert.Equal(WebhookVerdict.Accepted, Verify(time, body));
        Assert.Equal(WebhookVerdict.TimestampMalformed, Verify(otherTime, otherBody));
    }

    /// <summary>An id may have any length beside a time, whose own form says where it begins and ends.</summary>
    [Theory]
    [InlineData("{id}{timestamp}{body}", "m1", "1769860800", "m", "11769860800")]
    [InlineData("{id}{timestamp}{body}", "m1", "1769860800", "m11", "769860800")]
    [InlineData("{timestamp}{id}.{body}", "1m", "1769860800", "m", "17698608001")]
    [InlineData("{body}.{id}{timestamp}", "m1", "1769860800", "m11", "769860800")]
    public void Bytes_do_not_move_between_id_and_time(string template, string id, string time, string otherId, string otherTime)
    {
        string Sign(string i, string t) => Hex(Mac(template.Replace("{id}", i, StringComparison.Ordinal)
            .Replace("{timestamp}", t, StringComparison.Ordinal).Replace("{body}", "{}", StringComparison.Ordinal)));
        Assert.Equal(Sign(id, time), Sign(otherId, otherTime));
        var scheme = new HmacScheme(new WebhookHmacOptions
        {
            Header = "X-Sig",
            SignedContent = template,
            IdHeader = "X-Id",
            TimestampHeader = "X-Time",
        });
        WebhookVerdict Verify(string i, string t) =>
            scheme.Verify(Request(new() { ["X-Sig"] = Sign(id, time), ["X-Id"] = i, ["X-Time"] = t }, "{}")).Verdict;

        Assert.Equal(WebhookVerdict.Accepted, Verify(id, time));
        Assert.Equal(WebhookVerdict.TimestampMalformed, Verify(otherId, otherTime));
    }

    [Fact]
    public void Body_hash_that_is_not_the_bodys_or_comes_twice_is_refused()
    {
        var hash = Hex(SHA256.HashData(Encoding.UTF8.GetBytes(Body)));
        var scheme = new HmacScheme(new WebhookHmacOptions { Header = "X-Sig", SignedContent = "{url}", BodyHashParameter = "h" });
        foreach (var query in new[] { "", "?h=", $"?h={hash[..^1]}", $"?h={hash}&h={hash}", $"?H={hash[..^2]}00",
            $"?h={Hex(new byte[32])}" })
        {
            var address = "https://h.example/a" + query;
            Assert.Equal(WebhookVerdict.SignatureMismatch,
                scheme.Verify(Request(new() { ["X-Sig"] = Hex(Mac(address)) }, address: address)).Verdict);
        }
    }

    public static TheoryData<string, Action<WebhookHmacOptions>, string> Wrong => new()
    {
        { "sha1", x => x.Hash = WebhookHash.Sha1, "set AllowSha1" },
        { "separator", x => x.Separator = "", "give the text between the parts of the header" },
        { "prefix without a list", x => x.TimestampPrefix = "t=", "give what stands between the parts in Separator" },
        { "equal prefixes", x => (x.Separator, x.TimestampPrefix, x.Prefix) = (",", "v=", "v="), "both must be there, and differ" },
        { "two times", x => (x.Separator, x.TimestampPrefix, x.Prefix, x.TimestampHeader) = (",", "t=", "v=", "X-T"),
            "the time is in one place" },
        { "two ids", x => (x.IdHeader, x.IdProperty) = ("X-Id", "id"), "the id is in one place" },
        { "two types", x => (x.EventTypeHeader, x.EventTypeProperty) = ("X-T", "type"), "the event type is in one place" },
        { "id length", x => x.IdLength = 0, "IdLength is 0: use 1 to 1024" },
        { "body and hash", x => x.BodyHashParameter = "h", "use one of them" },
        { "hash without address", x => (x.BodyHashParameter, x.SignedContent) = ("h", "x"), "the content must be signed" },
        { "another header", x => x.OtherHeaders.Add(" "), "Header is empty" },
        { "encoding", x => x.Encoding = (WebhookCodeEncoding)9, "use Hex or Base64" },
        { "secrets", x => x.SecretEncoding = (WebhookSecretEncoding)9, "use Text, Base64 or Hex" },
        { "times", x => x.TimestampFormat = (WebhookTimestampFormat)9, "use UnixSeconds, UnixMilliseconds or Iso8601" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void Wrong_declaration_is_refused_with_the_cure(string name, Action<WebhookHmacOptions> declare, string cure)
    {
        var options = new WebhookHmacOptions { Header = "X-Sig" };
        declare(options);

        Assert.Contains(cure, Assert.ThrowsAny<ArgumentException>(() => new HmacScheme(options)).Message, StringComparison.Ordinal);
        Assert.NotEmpty(name);
    }
}
