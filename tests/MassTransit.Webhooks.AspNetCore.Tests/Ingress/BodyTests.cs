using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;

namespace MassTransit.Webhooks.AspNetCore.Tests.Ingress;

public class BodyTests
{
    const string Secret = "a-secret";

    static Task<Receivers> StartAsync(int limit = 1024 * 1024, bool allowEmpty = false) =>
        Receivers.StartAsync(b => b.Services.AddWebhookReceiver("github", r =>
        r.GitHub(o => o.Secrets.Add(Secret)).Configure(o => (o.MaxBodyBytes, o.AllowEmptyBody) = (limit, allowEmpty))));

    static byte[] Random(int length)
    {
        var body = new byte[length];
        new Random(1).NextBytes(body);
        return body;
    }

    [Fact]
    public async Task Bytes_arrive_as_they_were_sent()
    {
        await using var receivers = await StartAsync(allowEmpty: true);
        byte[][] bodies =
            [[.. Enumerable.Range(0, 256).Select(x => (byte)x)], [0xEF, 0xBB, 0xBF, .. "{\"a\" : 1 }\r\n"u8], [], [0], Random(300_000)];
        foreach (var body in bodies)
            (await receivers.PostAsync("github", body, Sign.GitHub(Secret, body))).Is(202);
        Assert.Equal(bodies, receivers.Queue.Received.Select(x => x.Webhook.Body));
    }

    [Theory]
    [InlineData(1024 * 1024)]
    [InlineData(1000)]
    public async Task Limit_holds_to_the_byte_with_and_without_a_length(int limit)
    {
        await using var receivers = await StartAsync(limit);
        foreach (var chunked in new[] { false, true })
        {
            var exact = Random(limit);
            var over = Random(limit + 1);
            exact[0] = chunked ? (byte)1 : (byte)0;
            (await PostAsync(receivers, exact, chunked)).Is(202);
            (await PostAsync(receivers, over, chunked)).Is(413, "body-too-large");
        }

        Assert.Equal(2, receivers.Queue.Received.Count);
    }

    /// <summary>Larger than what the server would allow by itself (30,000,000 bytes).</summary>
    [Fact]
    public async Task Limit_may_be_above_the_servers()
    {
        await using var receivers = await StartAsync(40_000_000);
        (await PostAsync(receivers, Random(31_000_000), chunked: false)).Is(202);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Sender_that_breaks_off_has_nothing_published(bool chunked)
    {
        await using var receivers = await StartAsync();
        var address = new Uri(receivers.App.Urls.First());
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(IPAddress.Loopback, address.Port);
            var signature = Sign.GitHub(Secret, "half").Item2;
            var framing = chunked ? "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n" : "Content-Length: 8\r\n\r\nhalf";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture,
                    $"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: {signature}\r\n{framing}")));
            await Task.Delay(100);
        }

        await Eventually.TrueAsync(() => receivers.Logs.Text.Contains("body-incomplete", StringComparison.Ordinal)
            || receivers.Logs.Text.Contains("request-aborted", StringComparison.Ordinal));
        Assert.Empty(receivers.Queue.Received);
    }

    static Task<Answer> PostAsync(Receivers receivers, byte[] body, bool chunked) => receivers.SendAsync(
        "github", HttpMethod.Post, chunked ? new StreamContent(new Unsized(body)) : new ByteArrayContent(body), Sign.GitHub(Secret, body));

    /// <summary>Does not say how long it is, so that it is sent in chunks.</summary>
    sealed class Unsized(byte[] body) : MemoryStream(body)
    {
        public override bool CanSeek => false;
    }
}
