using System.Diagnostics;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// MassTransit keeps 1,000 send endpoints for a day, some kilobytes each. Those of an application stay there; those of clients
/// that wait for an answer are kept while they are in use.
/// </summary>
internal sealed class RedisSendEndpointProvider(Func<ISendEndpointProvider> create, AddressBook addresses) : ISendEndpointProvider
{
    static readonly TimeSpan Age = TimeSpan.FromSeconds(2);

    readonly ISendEndpointProvider _lasting = create();
    volatile Passing? _passing;

    public ConnectHandle ConnectSendObserver(ISendObserver observer) => _lasting.ConnectSendObserver(observer);

    public Task<ISendEndpoint> GetSendEndpoint(Uri address)
    {
        address = addresses.Normalize(address);
        if (!address.Query.Contains(Addressing.RedisEndpointAddress.TemporaryQuery, StringComparison.Ordinal))
            return _lasting.GetSendEndpoint(address);

        var passing = _passing;
        // Whoever comes second makes one for nothing.
        if (passing is null || Stopwatch.GetElapsedTime(passing.Since) > Age)
            _passing = passing = new Passing(create(), Stopwatch.GetTimestamp());
        return passing.Provider.GetSendEndpoint(address);
    }

    sealed record Passing(ISendEndpointProvider Provider, long Since);
}
