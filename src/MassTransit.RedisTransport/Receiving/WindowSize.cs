using MassTransit.RedisTransport.Broker.Queues;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>How many messages an endpoint holds and consumes at a time.</summary>
/// <param name="Prefetch">How many it holds, those that are consumed among them.</param>
/// <param name="Concurrency">How many it consumes.</param>
internal readonly record struct WindowSize(int Prefetch, int Concurrency)
{
    /// <summary>How many times as many messages as configured an operator may let an endpoint consume.</summary>
    public const int Ceiling = 4;

    /// <summary>How many messages an endpoint holds at most, unless it is configured for more.</summary>
    const int Most = 20_000;

    /// <summary>Returns the configured size as operators have changed it.</summary>
    /// <param name="control">What they have set.</param>
    /// <param name="followers">
    /// How many messages can be held by those that gather them behind the receiver; <c>null</c> if there are none.
    /// </param>
    public WindowSize Under(in LeaseControl control, int? followers)
    {
        if (control.Workers == 0 && control.Limit == 0)
            return this;
        if (followers is { } held)
            return new WindowSize(Math.Max(1, held), Math.Max(1, held));

        var most = Math.Max(Concurrency, (int)Math.Min(Most, (long)Concurrency * Ceiling));
        var concurrency = control.Workers > 0 ? Math.Min(control.Workers, most) : Concurrency;
        // With a limit for all processes, one that holds more than it can begin would keep it from the others.
        var prefetch = control.Limit > 0 ? concurrency : Math.Max(concurrency, (int)((long)Prefetch * concurrency / Concurrency));
        return new WindowSize(prefetch, concurrency);
    }
}
