namespace MassTransit.RedisTransport.FaultWorker;

/// <summary>Reports what it was given, works, reports that it is done.</summary>
sealed class PingConsumer(Journal journal, WorkerOptions options) : IConsumer<Ping>
{
    public async Task Consume(ConsumeContext<Ping> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var id = context.Message.Id;
        journal.Write($"{Report.Begun} {id}");
        try
        {
            if (options.Blocking)
                Thread.Sleep(options.Work);
            else
                await Task.Delay(options.Work, options.Stubborn ? CancellationToken.None : context.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            journal.Write($"{Report.Cancelled} {id}");
            throw;
        }

        if (options.Mode == "fault" && id % 2 == 1)
            throw new InvalidOperationException($"{id} is odd.");
        journal.Write($"{Report.Done} {id}");
    }
}
