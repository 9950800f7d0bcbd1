using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Support;

/// <summary>One redis-server, one queue and one ledger for each test: faults are not shared.</summary>
public abstract class FaultTest(ITestOutputHelper output) : IAsyncLifetime
{
    RedisServerProcess? _server;
    QueueProbe? _probe;

    protected ITestOutputHelper Output => output;

    protected string Prefix { get; } = TestNames.Unique("faults");

    protected string Queue { get; } = TestNames.Unique("work");

    protected RedisServerProcess Server => _server ?? throw new InvalidOperationException("The server has not been started.");

    internal Ledger Ledger { get; } = new();

    internal QueueProbe Probe => _probe ?? throw new InvalidOperationException("The server has not been started.");

    protected virtual RedisServerOptions ServerOptions => new();

    public async Task InitializeAsync()
    {
        _server = new RedisServerProcess(ServerOptions);
        await _server.StartAsync();
        if (_server.IsAvailable)
            _probe = await QueueProbe.OpenAsync(_server, Prefix, Queue);
    }

    public async Task DisposeAsync()
    {
        if (_probe is not null)
            await _probe.DisposeAsync();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>How every test ends: all that was confirmed is consumed, nothing is left, nothing was ever in two places.</summary>
    internal async Task AssertNothingLostAsync(string fault, string remark = "")
    {
        try
        {
            await Ledger.AllConsumedAsync();
            await Probe.EmptyAsync();
        }
        finally
        {
            Ledger.Print(Output, fault, remark);
        }
    }
}
