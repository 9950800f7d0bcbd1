using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.RedisTransport.Broker;
using MassTransit.Scheduling;

namespace MassTransit.RedisTransport.Scheduling;

/// <summary>Gives each consumed message a scheduler.</summary>
internal sealed class RedisMessageSchedulerSpecification : IPipeSpecification<ConsumeContext>
{
    public void Apply(IPipeBuilder<ConsumeContext> builder) => builder.AddFilter(new SchedulerFilter());

    public IEnumerable<ValidationResult> Validate() => [];

    sealed class SchedulerFilter : IFilter<ConsumeContext>
    {
        public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
        {
            context.GetOrAddPayload<MessageSchedulerContext>(() => new ConsumeMessageSchedulerContext(context, CreateScheduler));
            return next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("redisScheduler");

        static MessageScheduler CreateScheduler(ConsumeContext context) =>
            new(new RedisScheduleMessageProvider(context.GetPayload<EngineHost>(), context), context.GetPayload<IBusTopology>());
    }
}
