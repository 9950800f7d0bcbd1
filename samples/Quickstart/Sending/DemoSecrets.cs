namespace Quickstart.Sending;

/// <summary>Secrets that are none: in an application they come from its configuration or a vault.</summary>
static class DemoSecrets
{
    public const string GitHub = "demo-secret-of-the-quickstart";

    /// <summary>As Standard Webhooks has it: the key in base64 behind <c>whsec_</c>.</summary>
    public const string Orders = "whsec_cXVpY2tzdGFydC1kZW1vLXNlY3JldC0wMTIzNDU2Nzg5";

    public const string Wrong = "whsec_bm90LXRoZS1zZWNyZXQtb2YtdGhlLXF1aWNrc3RhcnQtMDE=";
}
