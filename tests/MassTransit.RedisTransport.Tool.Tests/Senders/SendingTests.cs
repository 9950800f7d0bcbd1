using System.Security.Cryptography;
using System.Text;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Tests.Support;
using MassTransit.Webhooks.AspNetCore;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;

namespace MassTransit.RedisTransport.Tool.Tests.Senders;

/// <summary><c>send</c>, <c>listen</c> and <c>play</c> before an ingress of every scheme.</summary>
public sealed class SendingTests : IAsyncLifetime
{
    readonly Terminal _tool = new();
    Receivers _ingress = null!;

    public async Task InitializeAsync() => _ingress = await Receivers.StartAsync(builder =>
    {
        Add("github", x => x.GitHub(o => o.Secrets.Add(SigningTests.Secret("github"))));
        Add("standard", x => x.StandardWebhooks(o => o.Secrets.Add(SigningTests.Secret("standard"))));
        Add("svix", x => x.StandardWebhooks(o => o.Secrets.Add(SigningTests.Secret("svix"))));
        Add("stripe", x => x.Stripe(o => o.Secrets.Add(SigningTests.Secret("stripe"))));
        Add("slack", x => x.Slack(o => o.Secrets.Add(SigningTests.Secret("slack"))));
        Add("shopify", x => x.Shopify(o => o.Secrets.Add(SigningTests.Secret("shopify"))));
        Add("token", x => x.Token(null, o => o.Secrets.Add(SigningTests.Secret("token"))));
        Add("unsigned", x => x.AllowUnsigned("X-Id", "X-Event"));
        Add("hmac", x => x.Hmac(o =>
        {
            (o.Header, o.Prefix, o.Encoding, o.Hash) = ("X-Signature", "v1:", WebhookCodeEncoding.Base64, WebhookHash.Sha512);
            (o.SignedContent, o.IdHeader, o.TimestampHeader, o.EventTypeHeader) = ("{id}.{timestamp}.{body}", "X-Id", "X-Time", "X-Event");
        }, o => o.Secrets.Add(SigningTests.Secret("hmac"))));
        void Add(string name, Action<WebhookReceiverBuilder> configure) => builder.Services.AddWebhookReceiver(name, configure);
    }, realTime: true);

    public async Task DisposeAsync()
    {
        _tool.Dispose();
        await _ingress.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(SigningTests.Schemes), MemberType = typeof(SigningTests))]
    public async Task A_webhook_of_every_scheme_is_accepted_and_a_wrong_one_is_refused(string scheme)
    {
        _tool.Environment["MTQ_SECRET"] = SigningTests.Secret(scheme);
        string[] send = ["send", Address(scheme), "--as", scheme, "--event", "order.paid", .. SigningTests.Declaration(scheme)];
        var sent = (await _tool.RunAsync(send)).Ends(ExitCode.Done).Json;
        Assert.Equal(scheme is "slack" or "shopify" ? 200 : 202, sent.GetProperty("status").GetInt32());
        Snapshot.Matches("delivery", sent);
        var received = Assert.Single(_ingress.Queue.Received).Webhook;
        Assert.Equal("order.paid", received.EventType);
        Assert.Equal(sent.GetProperty("id").GetString(), received.Id);

        var wrong = (await _tool.RunAsync([.. send, "--bad-signature"])).Ends(ExitCode.Done).Json;
        Assert.Equal((401, "signature-mismatch"), (wrong.GetProperty("status").GetInt32(), wrong.GetProperty("reason").GetString()));
        if (scheme is "github" or "shopify" or "token")
        {
            (await _tool.RunAsync([.. send, "--stale", "10m"])).Ends(ExitCode.Usage).Says("signs no time");
        }
        else
        {
            var stale = (await _tool.RunAsync([.. send, "--stale", "10m"])).Ends(ExitCode.Done).Json;
            Assert.Equal((401, "timestamp-outside-window"),
                (stale.GetProperty("status").GetInt32(), stale.GetProperty("reason").GetString()));
        }

        Assert.Single(_ingress.Queue.Received);
    }

    [Fact]
    public async Task Many_are_sent_at_a_rate_and_each_has_an_id_of_its_own()
    {
        _tool.Environment["MTQ_SECRET"] = SigningTests.Secret("github");
        var run = (await _tool.RunAsync("send", Address("github"), "--as", "github", "--count", "50", "--rate", "200")).Ends(ExitCode.Done);
        Assert.Equal(50, run.Lines.Select(x => x.GetProperty("id").GetString()).Distinct().Count());
        run.Says("50 sent: 50 202;");
        Assert.Equal(50, _ingress.Queue.Received.Count);
        // 49 gaps of 5 ms.
        (await _tool.RunAsync("send", Address("unknown"), "--as", "github", "--count", "2")).Ends(ExitCode.Failed)
            .Says("2 404 receiver-unknown");
        (await _tool.RunAsync("send", "http://127.0.0.1:1/", "--as", "github")).Ends(ExitCode.Failed);
        (await _tool.RunAsync("send", "ftp://x/", "--as", "github")).Ends(ExitCode.Usage);
        (await _tool.RunAsync("send", Address("unsigned"), "--as", "unsigned", "--id-header", "X-Id")).Ends(ExitCode.Done);
        (await _tool.RunAsync("send", Address("unsigned"), "--as", "unsigned", "--bad-signature")).Ends(ExitCode.Usage);
    }

    [Fact]
    public async Task A_body_is_sent_as_it_is()
    {
        byte[] body = [.. "{ \"odd\" :  \"\\u00e9\\/ "u8, 0xC3, 0xA9, .. "\"}\r\n\n"u8, 0, 0xFF];
        await File.WriteAllBytesAsync(_tool.File("body"), body);
        _tool.Environment["MTQ_SECRET"] = SigningTests.Secret("github");
        (await _tool.RunAsync("send", Address("github"), "--as", "github", "--body", $"@{_tool.File("body")}", "--content-type",
            "text/odd")).Ends(ExitCode.Done);
        var received = Assert.Single(_ingress.Queue.Received).Webhook;
        Assert.Equal(body, received.Body);
        Assert.Equal("text/odd", received.ContentType);
        (await _tool.RunAsync("send", Address("github"), "--as", "github", "--body", "@nowhere")).Ends(ExitCode.Usage);
    }

    [Fact]
    public async Task Listen_judges_records_and_forwards_every_byte_and_play_sends_it_again()
    {
        _tool.Environment["GH"] = SigningTests.Secret("github");
        var folder = _tool.File("captured");
        await using var listening = _tool.Start("listen", "--port", "0", "--forward", Address("github"), "--record", folder,
            "--secret-env", "github=GH", "--count", "3");
        var address = (await listening.SaysAsync("Listening on ")).Split(',')[0];
        byte[][] bodies =
        [
            Encoding.UTF8.GetBytes("{ \"a\":1 ,\r\n\t\"é\" : \"\\u00e9\\/\" }\n"), [0, 1, 0x80, 0xFF, (byte)'\n', (byte)'\r'],
            Encoding.UTF8.GetBytes(new string('x', 300_000)),
        ];
        _tool.Environment["MTQ_SECRET"] = SigningTests.Secret("github");
        foreach (var (i, body) in bodies.Index())
        {
            await File.WriteAllBytesAsync(_tool.File($"body{i}"), body);
            (await _tool.RunAsync("send", address, "--as", "github", "--event", "push", "--body", $"@{_tool.File($"body{i}")}"))
                .Ends(ExitCode.Done);
        }

        Assert.Equal(ExitCode.Done, await listening.EndAsync());
        Assert.Equal(bodies, _ingress.Queue.Received.Select(x => x.Webhook.Body));
        Assert.All(_ingress.Queue.Received, x => Assert.Equal("push", x.Webhook.EventType));
        var heard = listening.Lines;
        Snapshot.Matches("heard", heard[0]);
        Assert.Equal(bodies.Select(x => Convert.ToHexStringLower(SHA256.HashData(x))),
            heard.Select(x => x.GetProperty("sha256").GetString()));
        Assert.All(heard, x => Assert.Equal("github: accepted", x.GetProperty("checks")[0].GetString()));
        Assert.All(heard, x => Assert.Equal(202, x.GetProperty("forwardedStatus").GetInt32()));
        Assert.All(Directory.GetFiles(folder), x =>
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(x) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), x));

        // The same again is a repeat to the ingress; signed anew for a receiver that signs the time it is another webhook.
        var played = (await _tool.RunAsync("play", folder, Address("github"))).Ends(ExitCode.Done);
        Assert.All(played.Lines, x => Assert.Equal(200, x.GetProperty("status").GetInt32()));
        _tool.Environment["MTQ_SECRET"] = SigningTests.Secret("stripe");
        (await _tool.RunAsync("play", folder, Address("stripe"), "--as", "stripe")).Ends(ExitCode.Done);
        Assert.Equal([.. bodies, .. bodies], _ingress.Queue.Received.Select(x => x.Webhook.Body));
        (await _tool.RunAsync("play", _tool.File("nothing"), Address("github"))).Ends(ExitCode.NotFound);
    }

    [Fact]
    public async Task Listen_says_what_is_wrong_and_hands_on_the_answer()
    {
        _tool.Environment["GH"] = SigningTests.Secret("github");
        await using var listening = _tool.Start("listen", "--port", "0", "--forward", new Uri(_ingress.Client.BaseAddress!, "/").ToString(),
            "--secret-env", "github=GH");
        var address = (await listening.SaysAsync("Listening on ")).Split(',')[0];
        _tool.Environment["MTQ_SECRET"] = SigningTests.Secret("github");
        var sent = (await _tool.RunAsync("send", $"{address}/webhooks/github", "--as", "github", "--bad-signature"))
            .Ends(ExitCode.Done).Json;
        Assert.Equal((401, "signature-mismatch"), (sent.GetProperty("status").GetInt32(), sent.GetProperty("reason").GetString()));
        await Eventually.TrueAsync(() => listening.Lines.Length == 1);
        Assert.StartsWith("github: signature-mismatch (", listening.Lines[0].GetProperty("checks")[0].GetString(),
            StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, await listening.InterruptAsync());
        (await _tool.RunAsync("listen", "--port", new Uri(address).Port.ToString(), "--count", "1", "--status", "99")).Ends(ExitCode.Usage);
    }

    string Address(string receiver) => new Uri(_ingress.Client.BaseAddress!, $"/webhooks/{receiver}").ToString();
}
