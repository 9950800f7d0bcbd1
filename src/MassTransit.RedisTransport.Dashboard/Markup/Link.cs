namespace MassTransit.RedisTransport.Dashboard.Markup;

/// <summary>
/// An address of a page of this dashboard, or one of an operator's own tools. Nothing else can be written where a browser expects an
/// address.
/// </summary>
internal readonly record struct Link
{
    Link(string address) => Address = address;

    public string Address { get; }

    /// <summary>An address on this host, with escaped segments.</summary>
    public static Link Local(string path) =>
        path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal)
            ? new Link(path)
            : throw new ArgumentException("An address of the dashboard begins with one slash.", nameof(path));

    /// <summary>An address that the application's options have given.</summary>
    /// <exception cref="ArgumentException">It is not an address by HTTP.</exception>
    public static Link External(string address) => ToPage(address)
        ?? throw new ArgumentException("An address of another tool begins with http:// or https://.", nameof(address));

    /// <summary>An address by HTTP that somebody has written; <c>null</c> for every other text.</summary>
    public static Link? ToPage(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? new Link(uri.AbsoluteUri) : null;

    /// <summary>A place on the same page. The name is a constant of the code.</summary>
    public static Link Anchor(string name) => new($"#{name}");

    public override string ToString() => Address;
}
