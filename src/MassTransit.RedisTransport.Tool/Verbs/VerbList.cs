using System.CommandLine;
using MassTransit.RedisTransport.Tool.Output;
using MassTransit.RedisTransport.Tool.Verbs.Dead;
using MassTransit.RedisTransport.Tool.Verbs.Operations;
using MassTransit.RedisTransport.Tool.Verbs.Queues;
using MassTransit.RedisTransport.Tool.Verbs.Senders;
using MassTransit.RedisTransport.Tool.Verbs.Shell;

namespace MassTransit.RedisTransport.Tool.Verbs;

/// <summary>Every verb, in the order of the help.</summary>
static class VerbList
{
    static readonly (string Name, Func<ToolConsole, Command> Create)[] All =
    [
        ("queues", QueuesVerb.Create),
        ("queue", QueueVerbs.Create),
        ("messages", MessagesVerb.Create),
        ("dead", DeadVerbs.Create),
        ("ops", OperationVerbs.Create),
        ("trash", TrashVerbs.Create),
        ("workers", WorkersVerb.Create),
        ("doctor", DoctorVerb.Create),
        ("tail", TailVerb.Create),
        ("audit", AuditVerb.Create),
        ("send", SendVerb.Create),
        ("sign", SignVerbs.CreateSign),
        ("verify", SignVerbs.CreateVerify),
        ("listen", ListenVerb.CreateListen),
        ("play", ListenVerb.CreatePlay),
        ("config", ConfigVerbs.CreateConfig),
        ("context", ConfigVerbs.CreateContext),
        ("completion", CompletionVerb.Create),
    ];

    /// <param name="console">The machine.</param>
    /// <param name="only">
    /// The verb that is typed first. Only that one is made then: making all takes a tenth of the time in which the tool starts. Another
    /// text, or
    /// <c>null</c>: all.
    /// </param>
    public static IEnumerable<Command> Create(ToolConsole console, string? only)
    {
        var chosen = Array.FindAll(All, x => x.Name == only);
        return (chosen.Length > 0 ? chosen : All).Select(x => x.Create(console));
    }
}
