using MassTransit.RedisTransport.Testing.Processes;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Testing;

/// <summary>A redis-server (or valkey-server) of the tests' own.</summary>
public sealed class RedisServerProcess : ManagedServer
{
    const string Image = "redis:7-alpine";
    const string AddressVariable = "TEST_REDIS";

    readonly RedisServerOptions _options;
    readonly string? _external;

    public RedisServerProcess() : this(new RedisServerOptions())
    {
    }

    public RedisServerProcess(RedisServerOptions options) : base("redis-server", options.Port)
    {
        _options = options;
        _external = options.AllowExternal ? Environment.GetEnvironmentVariable(AddressVariable) : null;
        if (string.IsNullOrWhiteSpace(_external))
            _external = null;
    }

    public override string ConnectionString => _external ?? $"127.0.0.1:{Port}";

    public override ConfigurationOptions ConfigurationOptions
    {
        get
        {
            var options = base.ConfigurationOptions;
            if (_options.Tls)
            {
                options.Ssl = true;
#pragma warning disable CA5359 // The certificate was made a moment ago, by the test.
                options.CertificateValidation += (_, _, _, _) => true;
#pragma warning restore CA5359
            }

            return options;
        }
    }

    public override async Task StartAsync()
    {
        if (_external is null)
        {
            await base.StartAsync();
            return;
        }

        IsExternal = true;
        await using var connection = await ConnectAsync();
        await Eventually.TrueAsync(() => connection.IsConnected, message: $"{AddressVariable}={_external} answers");
        IsAvailable = true;
        Reason = "";
    }

    protected override string? Missing() =>
        Binary() is null && !Executable.HasDocker
            ? $"no redis-server or valkey-server on the PATH, no Docker engine, and {AddressVariable} is not set"
            : null;

    internal override async Task<ServerInstance> LaunchAsync()
    {
        var file = Folder.File("redis.conf");
        await File.WriteAllLinesAsync(file, Configuration());
        return Binary() is { } binary
            ? await ProcessInstance.StartAsync(binary, [file], Folder.Path)
            : await ContainerInstance.StartAsync(Image, Folder.Path, ["redis-server", file]);
    }

    protected override Task<bool> IsReadyAsync() => RespProbe.AnswersAsync(Port, _options.Tls);

    static string? Binary() => Executable.Find("redis-server", "valkey-server");

    IEnumerable<string> Configuration()
    {
        yield return "bind 127.0.0.1";
        yield return $"dir {Folder.Path}";
        yield return "save \"\"";
        yield return "daemonize no";
        yield return $"appendonly {(_options.AppendFsync is null ? "no" : "yes")}";
        if (_options.AppendFsync is { } fsync)
            yield return $"appendfsync {fsync}";
        if (_options.MaxMemory is { } limit)
            yield return $"maxmemory {limit}";
        yield return $"maxmemory-policy {_options.MaxMemoryPolicy}";

        if (_options.Tls)
        {
            var (certificate, key) = TestCertificate.Write(Folder);
            yield return "port 0";
            yield return $"tls-port {Port}";
            yield return $"tls-cert-file {certificate}";
            yield return $"tls-key-file {key}";
            yield return $"tls-ca-cert-file {certificate}";
            yield return "tls-auth-clients no";
        }
        else
        {
            yield return $"port {Port}";
        }

        foreach (var user in _options.Users)
            yield return $"user {user}";
        foreach (var line in _options.ExtraLines)
            yield return line;
    }
}
