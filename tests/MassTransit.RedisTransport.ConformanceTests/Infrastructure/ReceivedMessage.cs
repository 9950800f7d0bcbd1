namespace MassTransit.RedisTransport.ConformanceTests.Infrastructure;

/// <summary>A message as the transport delivered it, before or after MassTransit read it.</summary>
public sealed record ReceivedMessage(string Queue, byte[] Body, string? ContentType, IReadOnlyDictionary<string, object> Headers,
    bool Redelivered)
{
    public static ReceivedMessage Create(ReceiveContext context) => new(context.InputAddress.AbsolutePath.Split('/')[^1], context.GetBody(),
        context.ContentType?.ToString(), context.TransportHeaders.GetAll().ToDictionary(x => x.Key, x => x.Value), context.Redelivered);

    public string Text(string header) => Assert.IsType<string>(Headers[header]);
}

/// <summary>Sees everything the bus receives, readable or not.</summary>
public sealed class ReceiveRecorder : IReceiveObserver
{
    public Inbox<ReceivedMessage> Received { get; } = new();

    public Task PreReceive(ReceiveContext context) => Received.AddAsync(ReceivedMessage.Create(context));

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
}
