namespace MassTransit.Webhooks.Faults.Worker;

/// <summary>Writes down that it begins, works, and writes down that it has ended.</summary>
internal sealed class NoteConsumer(Journal journal, WorkerOptions options) : IConsumer<Note>
{
    public async Task Consume(ConsumeContext<Note> context)
    {
        var id = context.Message.Id;
        journal.Begin(id, context.ReceiveContext.Redelivered);
        try
        {
            var work = context.Message.Work > 0 ? context.Message.Work : options.Work;
            if (context.Message.Blocks)
                Thread.Sleep(work);
            else
                await Task.Delay(work, context.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            journal.Cancel(id);
            throw;
        }

        journal.End(id);
    }
}
