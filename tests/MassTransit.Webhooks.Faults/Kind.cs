namespace MassTransit.Webhooks.Faults;

/// <summary>What is sent. Each has ids of its own, which begin with its letter.</summary>
internal enum Kind
{
    /// <summary>A message to a consumer: one half sent to its queue, the other published.</summary>
    Plain,

    /// <summary>A message that is due 0.5 to 2 s after it was sent.</summary>
    Delayed,

    /// <summary>Webhooks by <see cref="IWebhookQueue"/>, ten at a time, so that they travel in bundles.</summary>
    Webhooks,

    /// <summary>Signed webhooks over HTTP to the ingress.</summary>
    Http,
}

internal static class Kinds
{
    const string Letters = "pdwh";

    public static readonly Kind[] All = [Kind.Plain, Kind.Delayed, Kind.Webhooks, Kind.Http];

    public static string Name(this Kind kind) =>
        kind switch { Kind.Plain => "plain", Kind.Delayed => "delayed", Kind.Webhooks => "webhooks", _ => "HTTP" };

    public static string Id(this Kind kind, int number) => $"{Letters[(int)kind]}{number}";

    public static Kind Of(string id) => (Kind)Letters.IndexOf(id[0], StringComparison.Ordinal);
}
