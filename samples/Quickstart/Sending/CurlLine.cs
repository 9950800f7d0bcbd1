using System.Text;
using Quickstart.Accounting;

namespace Quickstart.Sending;

/// <summary>
/// A command to paste into a shell. GitHub's scheme signs no time, so the line stays good for as long as the ingress runs.
/// </summary>
static class CurlLine
{
    public static string Create(Uri ingress)
    {
        var body = """{"ref":"refs/heads/main","repository":{"full_name":"shop/storefront"},"pusher":{"name":"you"}}""";
        var webhook =
            new OutgoingWebhook(OutgoingWebhook.GitHub, Guid.NewGuid().ToString(), "push", Encoding.UTF8.GetBytes(body), Fate.Succeeds);
        var headers = string.Join(' ', webhook.SignedHeaders().Select(x => $"-H '{x.Name}: {x.Value}'"));
        return $"curl -i '{new Uri(ingress, $"/webhooks/{webhook.Receiver}")}' -H 'Content-Type: application/json' {headers} -d '{body}'";
    }
}
