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
    public static IEnumerable<Command> Create(ToolConsole console) =>
    [
        QueuesVerb.Create(console),
        QueueVerbs.Create(console),
        MessagesVerb.Create(console),
        DeadVerbs.Create(console),
        OperationVerbs.Create(console),
        TrashVerbs.Create(console),
        WorkersVerb.Create(console),
        DoctorVerb.Create(console),
        AuditVerb.Create(console),
        SendVerb.Create(console),
        SignVerbs.CreateSign(console),
        SignVerbs.CreateVerify(console),
        ListenVerb.CreateListen(console),
        ListenVerb.CreatePlay(console),
        ConfigVerbs.CreateConfig(console),
        ConfigVerbs.CreateContext(console),
        CompletionVerb.Create(console),
    ];
}
