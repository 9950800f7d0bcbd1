using MassTransit.Configuration;
using MassTransit.RedisTransport.Addressing;
using MassTransit.RedisTransport.Broker;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Recognizes answers to messages without a request id. Such an answer looks like any other message, so it is recognized by its address,
/// which is the same object as in the received message.
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

/// <summary>Sends to the addresses of a received message as to temporary queues, only if the queues exist.</summary>
internal sealed class AnswerEndpointProvider(ISendEndpointProvider provider, RedisReceiveContext received, EngineHost engine)
    : ISendEndpointProvider
{
    public ConnectHandle ConnectSendObserver(ISendObserver observer) => provider.ConnectSendObserver(observer);

    public Task<ISendEndpoint> GetSendEndpoint(Uri address) => provider.GetSendEndpoint(
        received.Answers is { } answers && (ReferenceEquals(address, answers.Response) || ReferenceEquals(address, answers.Fault))
            ? (RedisEndpointAddress.Parse(engine.Address, address) with { IsTemporary = true }).ToUri()
            : address);
}
