using Microsoft.AspNetCore.Http;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>A known sender that a declaration says all of. They take any success, and are told 200.</summary>
internal class DeclaredSender(WebhookHmacOptions options, bool isLowerHex = false) : HmacScheme(options, isLowerHex)
{
    static readonly WebhookAnswer Ok = WebhookAnswer.Empty(StatusCodes.Status200OK);

    readonly int _maxBodyBytes = DefaultMaxBodyBytes;

    public override WebhookAnswer Success => Ok;

    public override WebhookReplayProtection ReplayProtection => Protection ?? base.ReplayProtection;

    public override int MaxBodyBytes => _maxBodyBytes;

    /// <summary>The replay protection, if it is another than that of a declaration.</summary>
    public WebhookReplayProtection? Protection { get; init; }

    /// <summary>The longest body in MiB.</summary>
    public int MaxBodyMebibytes
    {
        init => _maxBodyBytes = value * 1024 * 1024;
    }
}
