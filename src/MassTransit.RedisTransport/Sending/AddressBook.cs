using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Normalizes addresses, so that each endpoint has only one. All endpoints of a host share it. It caches the addresses in use.
/// </summary>
internal sealed class AddressBook(Func<RedisHostAddress> host)
{
    /// <summary>
    /// How long an unused address is cached. Addresses for answers are many and short-lived, and parsing one again takes one or two
    /// microseconds.
    /// </summary>
    static readonly TimeSpan Age = TimeSpan.FromSeconds(2);

    const int Capacity = 4_096;

    readonly FadingCache<Uri, Uri> _known = new(Age, Capacity, x => RedisEndpointAddress.Parse(host(), x).ToUri());

    /// <exception cref="ArgumentException">The address does not belong to this bus.</exception>
    public Uri Normalize(Uri address) =>
        // An asterisk stands for a new name each time, so it is not cached.
        address.OriginalString.Contains('*', StringComparison.Ordinal)
            ? RedisEndpointAddress.Parse(host(), address).ToUri() : _known.Get(address);
}
