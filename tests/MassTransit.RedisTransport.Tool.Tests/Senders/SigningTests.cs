using System.Text;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;
using MassTransit.Webhooks.AspNetCore.Tests.Schemes;

namespace MassTransit.RedisTransport.Tool.Tests.Senders;

/// <summary><c>sign</c> makes what the senders publish; <c>verify</c> judges as the ingress does, and says why not.</summary>
public sealed class SigningTests : IDisposable
{
    readonly Terminal _tool = new();

    public void Dispose() => _tool.Dispose();

    public static TheoryData<string> Schemes => ["github", "standard", "svix", "stripe", "slack", "shopify", "hmac", "token"];

    [Theory]
    [InlineData("github")]
    [InlineData("standard")]
    [InlineData("svix")]
    [InlineData("stripe")]
    [InlineData("slack")]
    [InlineData("shopify")]
    public async Task Published_requests_are_signed_and_verified_as_their_senders_have_it(string scheme)
    {
        var published = Vectors.All[scheme];
        _tool.Environment["MTQ_SECRET"] = published.Secret;
        var id = published.Headers.FirstOrDefault(x => x.Key.EndsWith("-id", StringComparison.Ordinal)).Value?[0] ?? "1";
        var time = scheme == "stripe" ? published.Signature.Split('=', ',')[1] : $"{published.Now}";
        var body = Encoding.UTF8.GetString(published.Body);
        var signed = (await _tool.TypeAsync(body, "sign", "--as", scheme, "--id", id, "--timestamp", time)).Ends(ExitCode.Done);
        // Stripe's vector also has a code of an older version.
        Assert.Contains($"{published.SignatureHeader}: {published.Signature.Split(",v0=")[0]}", signed.Out,
            StringComparison.OrdinalIgnoreCase);

        string[] headers = [.. published.Headers.SelectMany(x => new[] { "-H", $"{x.Key}: {x.Value[0]}" })];
        var verified = (await _tool.TypeAsync(body, ["verify", "--as", scheme, "--at", $"{published.Now}", .. headers]))
            .Ends(ExitCode.Done);
        Assert.Equal("accepted", verified.Json.GetProperty("reason").GetString());
        Snapshot.Matches("verdict", verified.Json);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public async Task What_is_signed_is_verified_and_what_is_changed_is_not(string scheme)
    {
        var body = "{\"type\":\"a\", \"text\":\"\u00e9\"}\n";
        string[] declared = Declaration(scheme);
        _tool.Environment["MTQ_SECRET"] = Secret(scheme);
        var headers = (await _tool.TypeAsync(body, ["sign", "--as", scheme, .. declared])).Ends(ExitCode.Done).Out;
        await File.WriteAllTextAsync(_tool.File("headers"), headers);
        string[] verify = ["verify", "--as", scheme, "--headers", _tool.File("headers"), .. declared];
        (await _tool.TypeAsync(body, verify)).Ends(ExitCode.Done);
        _tool.Environment["MTQ_SECRET"] = Secret(scheme).Replace('A', 'B').Replace('U', 'V');
        Assert.Equal("signature-mismatch", (await _tool.TypeAsync(body, verify)).Ends(ExitCode.Failed).Text("reason"));
        _tool.Environment["MTQ_SECRET"] = Secret(scheme);
        if (scheme != "token")
            Assert.Equal("signature-mismatch", (await _tool.TypeAsync(body + " ", verify)).Ends(ExitCode.Failed).Text("reason"));
    }

    [Theory]
    [InlineData("{\"a\":1}\n", "{\"a\":1}", "without the line break")]
    [InlineData("{\"a\":1}", "{\"a\":1}\n", "something has cut it off")]
    [InlineData("a\r\nb", "a\nb", "LF instead of CR LF")]
    [InlineData("{\n  \"a\": 1\n}", "{\"a\":1}", "parsed it and written it again")]
    [InlineData("{\"a\":\"\\u00e9\"}", "{\"a\":\"\u00e9\"}", "parsed it and written it again")]
    public async Task Verify_finds_what_has_happened_to_a_body_on_its_way(string arrived, string sent, string cause)
    {
        _tool.Environment["MTQ_SECRET"] = "a-secret";
        var headers = (await _tool.TypeAsync(Latin(sent), "sign", "--as", "github")).Out;
        await File.WriteAllTextAsync(_tool.File("headers"), headers);
        var run = await _tool.TypeAsync(Latin(arrived), "verify", "--as", "github", "--headers", _tool.File("headers"));
        Assert.Contains(cause, run.Ends(ExitCode.Failed).Json.GetProperty("explanation")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_tells_a_stale_request_a_missing_header_and_a_secret_that_is_none()
    {
        _tool.Environment["MTQ_SECRET"] = "a-secret";
        await File.WriteAllTextAsync(_tool.File("headers"),
            (await _tool.TypeAsync("{}", "sign", "--as", "stripe", "--timestamp", "1700000000")).Out);
        var stale = await _tool.TypeAsync("{}", "verify", "--as", "stripe", "--headers", _tool.File("headers"), "--at", "1700000700");
        Assert.Equal("timestamp-outside-window", stale.Ends(ExitCode.Failed).Json.GetProperty("reason").GetString());
        Assert.Contains("off by 11m40s, and 5m0s are allowed", stale.Json.GetProperty("explanation")[0].GetString(),
            StringComparison.Ordinal);
        Assert.Contains("off by 11m40s, and 0ms are allowed", (await _tool.TypeAsync("{}", "verify", "--as", "stripe", "--headers",
            _tool.File("headers"), "--at", "1700000700", "--tolerance", "0s")).Ends(ExitCode.Failed).Json.GetProperty("explanation")[0]
            .GetString(), StringComparison.Ordinal);
        Assert.Equal("signature-missing", (await _tool.TypeAsync("{}", "verify", "--as", "github")).Json.GetProperty("reason").GetString());
        Assert.Equal("body-empty", (await _tool.TypeAsync("", "verify", "--as", "token", "-H", "X-Gitlab-Token: a-secret")).Json
            .GetProperty("reason").GetString());
        _tool.Environment.Remove("MTQ_SECRET");
        Assert.Equal("secrets-unavailable", (await _tool.TypeAsync("{}", "verify", "--as", "token", "-H", "X-Gitlab-Token: a")).Json
            .GetProperty("reason").GetString());
        (await _tool.TypeAsync("{}", "sign", "--as", "github")).Ends(ExitCode.Usage).Says("MTQ_SECRET");
        _tool.Environment["MTQ_SECRET"] = "no base64!";
        (await _tool.TypeAsync("{}", "sign", "--as", "standard")).Ends(ExitCode.Usage).Says("is not base64");
        (await _tool.TypeAsync("{}", "sign", "--as", "github", "--stale", "10m")).Ends(ExitCode.Usage).Says("signs no time");
        (await _tool.TypeAsync("{}", "sign", "--as", "hmac")).Ends(ExitCode.Usage).Says("--header");
        (await _tool.TypeAsync("{}", "sign", "--as", "nobody")).Ends(ExitCode.Usage);
    }

    [Theory]
    [InlineData("github", "X-Hub-Signature-256")]
    [InlineData("standard", "webhook-signature")]
    [InlineData("svix", "svix-signature")]
    [InlineData("stripe", "Stripe-Signature")]
    public async Task A_missing_signature_is_called_by_the_header_of_this_sender(string scheme, string header)
    {
        _tool.Environment["MTQ_SECRET"] = Secret(scheme);
        var verdict = (await _tool.TypeAsync("{}", "verify", "--as", scheme)).Ends(ExitCode.Failed).Json;
        Assert.Equal($"There is no header {header}.", verdict.GetProperty("explanation")[0].GetString());
        verdict = (await _tool.TypeAsync("{}", "verify", "--as", scheme, "-H", $"{header}: ?", "-H", $"{header}: !")).Json;
        Assert.StartsWith($"{header} is there", verdict.GetProperty("explanation")[0].GetString(), StringComparison.Ordinal);
    }

    internal static string[] Declaration(string scheme) => scheme == "hmac"
        ? ["--header", "X-Signature", "--code-prefix", "v1:", "--encoding", "base64", "--hash", "sha512",
            "--signed", "{id}.{timestamp}.{body}", "--id-header", "X-Id", "--timestamp-header", "X-Time", "--event-header", "X-Event"]
        : [];

    internal static string Secret(string scheme) =>
        scheme is "standard" or "svix" ? "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB" : "A-secret-for-a-test";

    /// <summary>Standard input is bytes: one for each of these characters.</summary>
    static string Latin(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
