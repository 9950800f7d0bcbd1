using System.Runtime.InteropServices;
using MassTransit.RedisTransport.Tool;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

using var stop = new CancellationTokenSource();
var signal = 0;
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var code = await Mtq.RunAsync(args, ToolConsole.OfProcess(), stop.Token);
// What was finished in spite of the signal is finished.
return code == ExitCode.Interrupted && signal == 15 ? 143 : code;

void Stop(PosixSignalContext context)
{
    // The second time it is meant.
    if (stop.IsCancellationRequested)
        return;
    context.Cancel = true;
    signal = context.Signal == PosixSignal.SIGTERM ? 15 : 2;
    stop.Cancel();
}
