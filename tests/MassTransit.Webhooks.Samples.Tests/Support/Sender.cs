using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks.Samples.Tests.Support;

/// <summary>Sends signed webhooks to the sample's ingress, as GitHub and as a Standard Webhooks sender.</summary>
sealed class Sender(Uri ingress) : IDisposable
{
    public const string GitHubSecret = "github-secret-of-the-tests";
    const string OrdersKey = "b3JkZXJzLXNlY3JldC1vZi10aGUtdGVzdHM=";
    public const string OrdersSecret = $"whsec_{OrdersKey}";

    readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = ingress };

    public void Dispose() => _client.Dispose();

    public async Task<(int Status, string Text)> GetAsync(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public Task<(int Status, string Text)> SendGitHubAsync(string id, string secret = GitHubSecret)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"ref":"refs/heads/main","after":"{{id}}"}""");
        var code = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
        return PostAsync("github", body, ("X-GitHub-Delivery", id), ("X-GitHub-Event", "push"), ("X-Hub-Signature-256", $"sha256={code}"));
    }

    public Task<(int Status, string Text)> SendOrderAsync(string id)
    {
        var body = Encoding.UTF8.GetBytes($$$"""{"type":"order.created","data":{"id":"{{{id}}}"}}""");
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var code = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(OrdersKey), signed));
        return PostAsync("orders", body, ("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", $"v1,{code}"));
    }

    async Task<(int Status, string Text)> PostAsync(string receiver, byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/webhooks/{receiver}") { Content = new ByteArrayContent(body) };
        request.Content.Headers.Add("Content-Type", "application/json");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
