using System.Diagnostics;
using System.Net;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Tool.Signing;

/// <summary>A request that came to <c>mtq listen</c>.</summary>
sealed record Heard(int Number, DateTimeOffset At, string Method, string Path, string? ContentType, int Bytes, string Sha256,
    IReadOnlyList<string> Checks, int? ForwardedStatus, string? ForwardedReason, double Milliseconds, string? Recorded, string? Error)
{
    public static readonly Shape<Heard> Shape = new(
        new("number", null, x => x.Number),
        new("at", "AT", x => x.At),
        new("method", "METHOD", x => x.Method),
        new("path", "PATH", x => x.Path),
        new("contentType", null, x => x.ContentType),
        new("bytes", "BYTES", x => x.Bytes, x => $"{x.Bytes} bytes"),
        new("sha256", null, x => x.Sha256),
        new("checks", "CHECKS", x => x.Checks),
        new("forwardedStatus", "STATUS", x => x.ForwardedStatus, x => x.ForwardedStatus is { } status ? $"-> {status}" : ""),
        new("forwardedReason", "REASON", x => x.ForwardedReason),
        new("milliseconds", "MS", x => x.Milliseconds, x => $"{x.Milliseconds:0.#} ms"),
        new("recorded", "RECORDED", x => x.Recorded),
        new("error", "ERROR", x => x.Error));
}

/// <summary>
/// A server for this machine alone. It keeps the bytes of a body as they came, also when it hands them on: a signature is over bytes, and
/// a body that
/// was parsed and written again has another one.
/// </summary>
sealed class Listener(Session session, RequestSender? connection, string? folder, int status,
    IReadOnlyList<(SchemeKind Kind, IReadOnlyList<string> Secrets, bool Always)> schemes, TimeSpan tolerance)
{
    const long LargestBody = 256 * 1024 * 1024;

    readonly Lock _gate = new();
    int _next = folder is null ? 1 : Recording.NextNumber(folder);
    int _count;

    /// <summary>How many requests have been answered.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Serves until it is cancelled, or as many requests as are wanted have come.</summary>
    public async Task RunAsync(int port, int? wanted, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [], ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, port);
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = LargestBody;
            // Bytes of headers as they came; Latin-1 has one character for each.
            options.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            options.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        });
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var app = builder.Build();
        OutputClosedException? closed = null;
        app.Run(async context =>
        {
            try
            {
                await AnswerAsync(context, cancellationToken);
            }
            catch (OutputClosedException exception)
            {
                // The request has its answer; nobody reads of the next one.
                closed = exception;
            }

            if (Interlocked.Increment(ref _count) >= wanted || closed is not null)
                context.Response.OnCompleted(enough.CancelAsync);
        });
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception)
        {
            throw new ToolException(ExitCode.Failed, $"Port {port} cannot be listened on: {exception.Message}");
        }

        session.Messages.Info($"Listening on {app.Urls.First()}"
            + (connection is null ? "" : $", forwarding to {connection.Target}")
            + (folder is null ? "" : $", recording to {folder}") + ".");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, enough.Token);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C, or enough: how this ends.
        }

        await app.StopAsync(CancellationToken.None);
        if (closed is not null)
            ExceptionDispatchInfo.Throw(closed);
    }

    async Task AnswerAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var at = session.Console.Time.GetUtcNow();
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var body = buffer.ToArray();
        var request = context.Request;
        (string, string)[] headers = [.. request.Headers.SelectMany(x => x.Value.Select(value => (x.Key, value ?? "")))];
        var path = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var checks = schemes.Where(x => x.Always || x.Kind.ProofHeaders.Any(request.Headers.ContainsKey))
            .Select(x => Check(x.Kind, x.Secrets, request.Headers, body, at)).ToArray();
        var number = Interlocked.Increment(ref _next) - 1;
        string? recorded = null, error = null, reason = null;
        int? forwarded = null;
        try
        {
            if (folder is not null)
            {
                recorded = await new Recording(request.Method, path, headers, body).WriteAsync(folder, number, at, cancellationToken);
            }

            if (connection is null)
                context.Response.StatusCode = status;
            else
                (forwarded, reason) = await ForwardAsync(context, path, body, headers, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException)
        {
            error = exception.Message;
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
        }

        var heard = new Heard(number, at, request.Method, path, request.ContentType, body.Length,
            Convert.ToHexStringLower(SHA256.HashData(body)), checks, forwarded, reason,
            Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1), recorded, error);
        lock (_gate)
            session.Output.Row(Heard.Shape, heard);
    }

    string Check(SchemeKind kind, IReadOnlyList<string> secrets, IHeaderDictionary headers, byte[] body, DateTimeOffset now)
    {
        var verdict = SenderVerdict.Of(kind, headers, body, secrets, now, tolerance);
        return $"{kind.Name}: {verdict.Reason}" + (verdict.IsAccepted ? "" : $" ({verdict.Explanation[0]})");
    }

    async Task<(int Status, string? Reason)> ForwardAsync(HttpContext context, string path, byte[] body,
        IEnumerable<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        using var response = await connection!.SendAsync(new HttpMethod(context.Request.Method), Combine(connection.Target, path),
            body, headers, cancellationToken);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(x => !RequestSender.IsHop(x.Key)))
            context.Response.Headers[name] = values.ToArray();
        if (answer.Length > 0 && context.Request.Method != HttpMethods.Head)
            await context.Response.Body.WriteAsync(answer, cancellationToken);
        return ((int)response.StatusCode, RequestSender.ReasonOf(answer));
    }

    /// <summary>The address as given; what a sender asks for below the root is added to it.</summary>
    static Uri Combine(Uri target, string path) =>
        path is "/" or "" ? target : new Uri($"{target.GetLeftPart(UriPartial.Path).TrimEnd('/')}{path}");
}
