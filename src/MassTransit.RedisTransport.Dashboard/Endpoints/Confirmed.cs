using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>What somebody has typed to confirm an act.</summary>
internal static class Confirmed
{
    /// <exception cref="BadQueryException">The form does not repeat the name.</exception>
    public static void RequireName(Asked form, string name)
    {
        if (form.Text(ConfirmPage.TypedName) != name)
            throw new BadQueryException($"Nothing was done: type '{name}' to confirm.");
    }
}
