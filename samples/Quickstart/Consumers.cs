using MassTransit;

namespace Quickstart;

/// <summary>Takes orders a hundred at a time, the most urgent first.</summary>
public class OrderConsumer(Journal journal) : IConsumer<Batch<OrderPlaced>>
{
    public Task Consume(ConsumeContext<Batch<OrderPlaced>> context)
    {
        foreach (var order in context.Message)
            journal.Order(order.Message);

        var priorities = context.Message.CountBy(x => x.Message.Priority).Select(x => $"{x.Value} of priority {x.Key}");
        Console.WriteLine($"  a batch of {context.Message.Length,3} orders: {string.Join(", ", priorities)}");
        return Task.CompletedTask;
    }
}

/// <summary>Fails on purpose, to show what becomes of a message that cannot be processed.</summary>
public class PaymentConsumer(Journal journal) : IConsumer<PaymentRequested>
{
    public Task Consume(ConsumeContext<PaymentRequested> context)
    {
        var attempt = journal.PaymentAttempt();
        Console.WriteLine($"  attempt {attempt} of payment {context.Message.Reference} fails "
            + $"(retry {context.GetRetryAttempt()}, redelivery {context.GetRedeliveryCount()})");
        throw new InvalidOperationException("The payment provider does not answer.");
    }
}

/// <summary>Looks at what ended in the dead-letter queue of the payments.</summary>
public class DeadPaymentConsumer(Journal journal) : IConsumer<PaymentRequested>
{
    public Task Consume(ConsumeContext<PaymentRequested> context)
    {
        var headers = context.ReceiveContext.TransportHeaders;
        Console.WriteLine($"  payment {context.Message.Reference} is a dead letter: "
            + $"{headers.Get<string>(MessageHeaders.FaultExceptionType)}: {headers.Get<string>(MessageHeaders.FaultMessage)}");
        journal.DeadLetter();
        return Task.CompletedTask;
    }
}
