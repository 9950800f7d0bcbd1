using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Sending;

/// <summary>Addresses in the one form that endpoints are known by. Shared by all endpoints of a host; remembers those in use.</summary>
internal sealed class AddressBook(Func<RedisHostAddress> host)
{
    /// <summary>Addresses for answers are many and short-lived, and reading one again takes a microsecond or two.</summary>
    static readonly TimeSpan Age = TimeSpan.FromSeconds(2);

    const int Capacity = 4_096;

    readonly FadingCache<Uri, Uri> _known = new(Age, Capacity, x => RedisEndpointAddress.Parse(host(), x).ToUri());

    /// <exception cref="ArgumentException">The address is none of this bus.</exception>
    public Uri Normalize(Uri address) =>
        // An asterisk is another name each time.
        address.OriginalString.Contains('*', StringComparison.Ordinal) ? RedisEndpointAddress.Parse(host(), address).ToUri() : _known.Get(address);
}
