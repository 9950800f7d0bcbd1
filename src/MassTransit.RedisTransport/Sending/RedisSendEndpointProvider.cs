using System.Diagnostics;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Caches send endpoints of clients that wait for an answer only while they are in use. MassTransit would keep 1,000 send endpoints of some
/// kilobytes for a day, which is right for the application's own.
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
        // If two callers come at the same time, one endpoint is created in vain.
        if (passing is null || Stopwatch.GetElapsedTime(passing.Since) > Age)
            _passing = passing = new Passing(create(), Stopwatch.GetTimestamp());
        return passing.Provider.GetSendEndpoint(address);
    }

    sealed record Passing(ISendEndpointProvider Provider, long Since);
}
