using System.Diagnostics;
using System.Globalization;
using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.RedisTransport.Testing;

/// <summary>RabbitMQ with everything in a temporary folder: its own node, Erlang port mapper, cookie and data.</summary>
public sealed class RabbitMqServer : ManagedServer
{
    const string AddressVariable = "TEST_RABBITMQ";
    const string Image = "rabbitmq:3-alpine";
    // Debian's wrapper in sbin changes to the user rabbitmq, who may not write here; this is what it wraps.
    const string DebianServer = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    readonly string? _external = Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } value ? value : null;
    readonly int _epmdPort = FreePort.Next();
    readonly int _distributionPort = FreePort.Next();
    ProcessInstance? _epmd;

    public RabbitMqServer() : base("rabbitmq-server", 0)
    {
    }

    /// <summary>Such as <c>amqp://guest:guest@127.0.0.1:5672/</c>.</summary>
    public override string ConnectionString => _external ?? $"amqp://guest:guest@127.0.0.1:{Port}/";

    public override long MemoryBytes
    {
        get
        {
            // The script that starts the node is the process we know; the node writes who it is.
            var id = int.Parse(File.ReadAllText(Folder.File("pid")), CultureInfo.InvariantCulture);
            using var node = Process.GetProcessById(id);
            return node.WorkingSet64;
        }
    }

    protected override TimeSpan StartLimit => TimeSpan.FromMinutes(3);

    public override async Task StartAsync()
    {
        if (_external is null)
        {
            await base.StartAsync();
            return;
        }

        IsExternal = IsAvailable = true;
        Reason = "";
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _epmd?.Dispose();
    }

    protected override string? Missing() =>
        Binary() is null && !Executable.HasDocker
            ? $"no rabbitmq-server on the PATH, no Docker engine, and {AddressVariable} is not set"
            : null;

    internal override async Task<ServerInstance> LaunchAsync()
    {
        if (Binary() is not { } binary)
        {
            return await ContainerInstance.StartAsync(Image, Folder.Path,
                ["sh", "-c",
                    $"RABBITMQ_NODE_PORT={Port} ERL_EPMD_PORT={_epmdPort} RABBITMQ_DIST_PORT={_distributionPort} exec rabbitmq-server"]);
        }

        var environment = new Dictionary<string, string>
        {
            ["HOME"] = Folder.Path,
            ["RABBITMQ_NODENAME"] = $"tests{Port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{Port}",
            ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
            ["ERL_EPMD_PORT"] = $"{_epmdPort}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_BASE"] = Folder.Path,
            ["RABBITMQ_MNESIA_BASE"] = Folder.File("mnesia"),
            ["RABBITMQ_LOG_BASE"] = Folder.File("log"),
            ["RABBITMQ_CONFIG_FILE"] = Folder.File("rabbitmq"),
            ["RABBITMQ_CONF_ENV_FILE"] = Folder.File("rabbitmq-env.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Folder.File("enabled_plugins"),
            ["RABBITMQ_PID_FILE"] = Folder.File("pid"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}"
        };
        await File.WriteAllTextAsync(Folder.File("enabled_plugins"), "[].");
        await File.WriteAllTextAsync(Folder.File("rabbitmq.conf"),
            "loopback_users.guest = true\nlog.console = true\nlog.console.level = warning\n");

        // The node would start a port mapper that outlives it.
        if (_epmd is null && Executable.Find("epmd") is { } epmd)
            _epmd = await ProcessInstance.StartAsync(epmd, [], Folder.Path, environment);
        return await ProcessInstance.StartAsync(binary, [], Folder.Path, environment, group: true);
    }

    protected override async Task<bool> IsReadyAsync() =>
        // What is not AMQP is answered with the version the server would speak: it is up, with its data read.
        (await RespProbe.SendAsync(Port, "AMQP????"))?.StartsWith("AMQP", StringComparison.Ordinal) == true;

    static string? Binary() => File.Exists(DebianServer) ? DebianServer : Executable.Find("rabbitmq-server");
}
