using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OtlpDump.Decoding;

namespace OtlpDump.Receiving;

/// <summary>
/// A collector that keeps what it is sent: OTLP by gRPC on one port, by HTTP/protobuf on another. Kestrel without ASP.NET Core's
/// hosting, which would start a span for each export, and those would be exported in turn.
/// </summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    const string GrpcPrefix = "/opentelemetry.proto.collector.";
    const string GrpcTraces = GrpcPrefix + "trace.v1.TraceService/Export";
    const string HttpTraces = "/v1/traces";

    readonly KestrelServer _server;
    readonly ConcurrentQueue<byte[]> _traces = new();
    int _others;

    OtlpReceiver(int grpcPort, int httpPort)
    {
        var options = new KestrelServerOptions();
        options.Listen(IPAddress.Loopback, grpcPort, x => x.Protocols = HttpProtocols.Http2);
        options.Listen(IPAddress.Loopback, httpPort, x => x.Protocols = HttpProtocols.Http1);
        _server = new KestrelServer(Options.Create(options),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
    }

    /// <summary>What <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is for <c>grpc</c>.</summary>
    public string GrpcEndpoint => Address(0);

    /// <summary>What <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is for <c>http/protobuf</c>.</summary>
    public string HttpEndpoint => Address(1);

    /// <summary>The bodies of the requests with traces: each an <c>ExportTraceServiceRequest</c>.</summary>
    public IReadOnlyCollection<byte[]> Requests => _traces;

    /// <summary>How many requests with other signals came.</summary>
    public int OtherRequests => _others;

    /// <summary>All spans that have come, decoded.</summary>
    public IReadOnlyList<Span> Spans => TraceReader.Read([.. _traces]);

    /// <param name="grpcPort">0: any.</param>
    /// <param name="httpPort">0: any.</param>
    public static async Task<OtlpReceiver> StartAsync(int grpcPort = 0, int httpPort = 0)
    {
        var receiver = new OtlpReceiver(grpcPort, httpPort);
        await receiver._server.StartAsync(new Application(receiver), CancellationToken.None);
        return receiver;
    }

    /// <summary>
    /// Writes all traces as one <c>ExportTraceServiceRequest</c>. Messages of one type, one after the other, are their union: so
    /// the file is what was received, byte for byte.
    /// </summary>
    public async Task WriteAsync(string path)
    {
        await using var file = File.Create(path);
        foreach (var request in _traces)
            await file.WriteAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _server.StopAsync(bound.Token);
        _server.Dispose();
    }

    string Address(int index) => _server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ElementAt(index);

    async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var body = buffer.ToArray();
        var isGrpc = path.StartsWith(GrpcPrefix, StringComparison.Ordinal);
        if (isGrpc)
            body = Unframe(body);

        if (path is GrpcTraces or HttpTraces)
            _traces.Enqueue(body);
        else
            Interlocked.Increment(ref _others);

        // An empty message says that everything was taken.
        context.Response.ContentType = isGrpc ? "application/grpc" : "application/x-protobuf";
        if (!isGrpc)
            return;

        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    /// <summary>One message: a byte for its compression, four for its length.</summary>
    static byte[] Unframe(byte[] frame)
    {
        if (frame.Length < 5 || frame[0] != 0 || BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(1)) != frame.Length - 5)
            throw new InvalidDataException("Not one uncompressed gRPC message.");
        return frame[5..];
    }

    sealed class Application(OtlpReceiver receiver) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => receiver.HandleAsync(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
