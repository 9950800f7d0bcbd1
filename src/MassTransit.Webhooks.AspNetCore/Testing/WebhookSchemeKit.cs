namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// Tries a <see cref="WebhookScheme"/> of your own: takes a request that the sender has signed, and breaks it in every way that attackers,
/// proxies and mistakes do. The same is done to the known schemes.
/// </summary>
/// <example>
/// <code>
/// [Fact]
/// public Task Acme() => WebhookSchemeKit.CheckAsync(new AcmeScheme(), new WebhookVector { Request = ..., Id = "evt_1" });
/// </code>
/// </example>
public static class WebhookSchemeKit
{
    /// <summary>Tries everything, and throws if anything goes wrong.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <param name="vector">A request that it must accept.</param>
    /// <returns>How many requests were tried.</returns>
    /// <exception cref="WebhookSchemeException">The scheme accepts what it must not, refuses what it must not, or throws.</exception>
    public static async Task<int> CheckAsync(WebhookScheme scheme, WebhookVector vector)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(vector);
        var trial = new SchemeTrial(scheme, vector);
        await trial.RunAsync().ConfigureAwait(false);
        return trial.Failures.Count == 0 ? trial.Tried : throw new WebhookSchemeException(scheme.GetType().Name, trial.Failures);
    }
}
