using System.Diagnostics;
using MassTransit;
using MassTransit.Webhooks;

namespace RabbitMq;

/// <summary>On RabbitMQ a dead letter is looked at by consuming it, or by the broker's own tools.</summary>
sealed class DeadShopHooks(Journal journal) : IConsumer<Webhook>
{
    public Task Consume(ConsumeContext<Webhook> context)
    {
        journal.DeadLetter(context.Message.Id, context.ReceiveContext.TransportHeaders.Get<string>(MessageHeaders.FaultMessage) ?? "",
            Activity.Current?.TraceId.ToHexString());
        return Task.CompletedTask;
    }
}
