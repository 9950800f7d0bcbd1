namespace OtlpDump;

/// <summary>The command line.</summary>
sealed record DumpArguments(string File, bool Listen, int GrpcPort, int HttpPort)
{
    public const string Usage = """
        dotnet run --project samples/OtlpDump -- --otlp-dump FILE           runs a few webhooks and writes their traces
        dotnet run --project samples/OtlpDump -- --otlp-dump FILE --listen  receives OTLP on ports 4317 and 4318, writes it at Ctrl+C
        """;

    /// <summary><c>null</c> where the arguments make no sense.</summary>
    public static DumpArguments? Parse(string[] args)
    {
        var at = Array.IndexOf(args, "--otlp-dump");
        if (at < 0 || at + 1 >= args.Length || args[at + 1].StartsWith("--", StringComparison.Ordinal))
            return null;

        var listen = args.Contains("--listen");
        return new DumpArguments(args[at + 1], listen, listen ? 4317 : 0, listen ? 4318 : 0);
    }
}
