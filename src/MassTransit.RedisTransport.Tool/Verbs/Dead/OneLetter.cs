using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary>The arguments that name one dead letter.</summary>
sealed class OneLetter(ToolConsole console)
{
    readonly Argument<string> _queue = QueueNames.DeadArgument(console);
    readonly Argument<string> _key = new("key") { Description = "The message's key, as 'dead list' shows it" };

    public IEnumerable<Symbol> All => [_queue, _key];

    /// <exception cref="ToolException">There is no such letter.</exception>
    public async Task<RedisDeadLetter> ReadAsync(Session session, ParseResult result, CancellationToken cancellationToken)
    {
        var queue = await DeadQueue.FindAsync(session, result.GetValue(_queue)!, cancellationToken);
        return await session.DeadLetters.GetAsync(queue, result.GetValue(_key)!, cancellationToken)
            ?? throw DeadQueue.Missing(queue, result.GetValue(_key)!);
    }
}
