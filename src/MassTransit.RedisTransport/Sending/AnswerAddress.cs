using MassTransit.Configuration;
using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.BusGlue;
using MassTransit.RedisTransport.Receiving;

namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Tells an answer from what an application sends to an address of its own. A received message names where its answer and its
/// fault go; whoever can write one could have a queue made for each. So answers go to queues that exist.
/// </summary>
internal static class AnswerAddress
{
    /// <summary>A response or a fault with the request's id, on its way to where the request said.</summary>
    public static bool IsAnswer(this SendContext context, RedisHostConfiguration host) =>
        context.RequestId is { } requestId
        && context.ResponseAddress is null
        && context.TryGetPayload<ConsumeContext>(out var consumed)
        && consumed.RequestId == requestId
        && (Leads(consumed.ResponseAddress, context.DestinationAddress, host) || Leads(consumed.FaultAddress, context.DestinationAddress, host));

    static bool Leads(Uri? answer, Uri? destination, RedisHostConfiguration host)
    {
        if (answer is null || destination is null)
            return false;
        if (answer == destination)
            return true;

        try
        {
            return host.Addresses.Normalize(answer) == destination;
        }
        catch (ArgumentException)
        {
            // None of this bus: the message is on its way to the other.
            return false;
        }
    }
}

/// <summary>
/// Without a request id, an answer looks as any other message once it is made. What is left is the address itself: the very
/// object that the message was read into.
/// </summary>
internal sealed class AnswerSpecification : IPipeSpecification<ConsumeContext>
{
    public void Apply(IPipeBuilder<ConsumeContext> builder) => builder.AddFilter(new AnswerFilter());

    public IEnumerable<ValidationResult> Validate() => [];

    sealed class AnswerFilter : IFilter<ConsumeContext>
    {
        public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
        {
            if (context.RequestId is null && (context.ResponseAddress is not null || context.FaultAddress is not null)
                && context.TryGetPayload<RedisReceiveContext>(out var received))
                received.Answers = (context.ResponseAddress, context.FaultAddress);
            return next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("redisAnswers");
    }
}

/// <summary>Sends to a received message's own addresses as to temporary queues: only if they are there.</summary>
internal sealed class AnswerEndpointProvider(ISendEndpointProvider provider, RedisReceiveContext received, RedisHostConfiguration host) : ISendEndpointProvider
{
    public ConnectHandle ConnectSendObserver(ISendObserver observer) => provider.ConnectSendObserver(observer);

    public Task<ISendEndpoint> GetSendEndpoint(Uri address) => provider.GetSendEndpoint(
        received.Answers is { } answers && (ReferenceEquals(address, answers.Response) || ReferenceEquals(address, answers.Fault))
            ? (RedisEndpointAddress.Parse(host.Host, address) with { IsTemporary = true }).ToUri()
            : address);
}
