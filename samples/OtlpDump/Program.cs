using OtlpDump;
using OtlpDump.Decoding;
using OtlpDump.Receiving;

// MassTransit 8.5 reports endpoint names to its maker unless told not to.
Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");

if (DumpArguments.Parse(args) is not { } arguments)
{
    Console.Error.WriteLine(DumpArguments.Usage);
    return 1;
}

await using var receiver = await OtlpReceiver.StartAsync(arguments.GrpcPort, arguments.HttpPort);
if (arguments.Listen)
{
    Console.WriteLine(
        $"Receiving OTLP: grpc on {receiver.GrpcEndpoint}, http/protobuf on {receiver.HttpEndpoint}. Ctrl+C writes {arguments.File}.");
    var stopped = new TaskCompletionSource();
    void Stop(ConsoleCancelEventArgs e)
    {
        e.Cancel = true;
        stopped.TrySetResult();
    }

    Console.CancelKeyPress += (_, e) => Stop(e);
    await stopped.Task;
}
else
{
    await WebhookScenario.RunAsync(receiver.GrpcEndpoint, "grpc", Environment.GetEnvironmentVariable("REDIS_URL"));
}

await receiver.WriteAsync(arguments.File);
Console.Write(TraceTree.Print(receiver.Spans));
Console.WriteLine();
Console.WriteLine($"{receiver.Spans.Count} spans in {arguments.File}. Into a Jaeger:");
Console.WriteLine($"curl --data-binary @{arguments.File} -H 'content-type: application/x-protobuf' http://localhost:4318/v1/traces");
return 0;
