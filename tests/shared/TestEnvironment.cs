using System.Runtime.CompilerServices;

namespace MassTransit.RedisTransport.Testing;

/// <summary>Compiled into each test assembly, so that it holds however the tests are started.</summary>
static class TestEnvironment
{
#pragma warning disable CA2255 // An initializer is meant for applications; a test assembly is one.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Initialize()
    {
        // Tests never report usage to anyone.
        Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");
        // Servers and clients share two cores in CI: waiting for the pool to grow by one thread a second is not a test.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 32), Math.Max(ports, 32));
    }
}
