using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MassTransit.Webhooks.Samples.Tests.Support;

namespace MassTransit.Webhooks.Samples.Tests;

/// <summary>Webhooks that are read with types: of GitHub's, and of a sender of one's own.</summary>
public class GitHubAppTests
{
    const string Secret = "a-secret-of-the-tests";

    const string Push = """
        {"ref":"refs/heads/main","before":"0","after":"1","created":false,"deleted":false,"forced":false,"base_ref":null,"compare":"",
        "commits":[],"head_commit":null,"pusher":{"name":"octocat","email":"o@example.com"}}
        """;

    [Fact]
    public async Task Typed_processors_read_what_has_come_and_refuse_what_is_none()
    {
        await using var app = await SampleProcess.StartAsync("GitHubApp",
        [
            ("Webhooks__Receivers__github__Secrets__0", Secret), ("Webhooks__Receivers__shop__Secrets__0", Secret),
        ], "--urls", "http://127.0.0.1:0");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = await app.AddressAsync() };

        Assert.Equal(202, await PostAsync(client, "github", Push, ("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "d1"),
            ("X-Hub-Signature-256", $"sha256={Code(Push)}")));
        const string order = """{"id":"o1","type":"order.paid","order":"4711","amount":12345678901234567.89,"currency":"EUR"}""";
        var time = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        Assert.Equal(202, await PostAsync(client, "shop", order, ("X-Shop-Signature", $"t={time},v1={Code($"{time}.{order}")}")));

        await app.LineAsync(x => x == "octocat pushed to refs/heads/main");
        await app.LineAsync(x => x == "order 4711 is paid: 12345678901234567.89 EUR");
        Assert.Equal(401, await PostAsync(client, "shop", order, ("X-Shop-Signature", $"t={time},v1={Code(order)}")));
        Assert.True(await app.InterruptAsync() == 0, app.Output);
    }

    static string Code(string content) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(content)));

    static async Task<int> PostAsync(HttpClient client, string receiver, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/webhooks/{receiver}") { Content = new StringContent(body) };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request);
        return (int)response.StatusCode;
    }
}
