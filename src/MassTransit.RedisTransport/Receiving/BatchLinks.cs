using System.Diagnostics;
using MassTransit.Configuration;
using MassTransit.RedisTransport.Diagnostics;

namespace MassTransit.RedisTransport.Receiving;

/// <summary>
/// Adds links to all messages of a <c>Batch&lt;T&gt;</c>. MassTransit makes the batch's span a child of only the last message's span.
/// </summary>
internal sealed class BatchLinks : IConsumerConfigurationObserver
{
    public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator)
        where TConsumer : class
    {
    }

    public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
        where TConsumer : class
        where TMessage : class
    {
        if (typeof(TMessage).IsGenericType && typeof(TMessage).GetGenericTypeDefinition() == typeof(Batch<>))
            configurator.UseFilter(new Filter<TConsumer, TMessage>());
    }

    /// <summary>A filter that runs inside the span of the consumer.</summary>
    sealed class Filter<TConsumer, TMessage> : IFilter<ConsumerConsumeContext<TConsumer, TMessage>>
        where TConsumer : class
        where TMessage : class
    {
        public Task Send(ConsumerConsumeContext<TConsumer, TMessage> context, IPipe<ConsumerConsumeContext<TConsumer, TMessage>> next)
        {
            if (TransportActivities.Source.HasListeners() && Activity.Current is { IsAllDataRequested: true } activity
                && context.Message is IEnumerable<ConsumeContext> messages)
                Link(activity, messages);
            return next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("batchLinks");

        static void Link(Activity activity, IEnumerable<ConsumeContext> messages)
        {
            var count = 0;
            foreach (var message in messages)
            {
                count++;
                if (message.TryGetPayload<RedisReceiveContext>(out var received)
                    && ReceiveActivity.ContextOf(received.Record.Headers) is var sent && sent != default)
                    activity.AddLink(new ActivityLink(sent));
            }

            activity.SetTag(MessagingTags.System, MessagingTags.Redis);
            activity.SetTag(MessagingTags.OperationName, "process");
            activity.SetTag(MessagingTags.OperationType, "process");
            activity.SetTag(MessagingTags.BatchMessageCount, count);
        }
    }
}
