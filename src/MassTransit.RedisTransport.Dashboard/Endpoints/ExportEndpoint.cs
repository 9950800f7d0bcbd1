using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>
/// Writes the dead letters that a filter selects, one JSON object a line. It flows: of a million letters there is a page in memory, and
/// no more is read than the browser takes.
/// </summary>
internal static class ExportEndpoint
{
    /// <summary>More at a time would be felt by the server and by the process.</summary>
    const int MaxExports = 4;

    /// <summary>About 4 MB of bodies at most.</summary>
    const int PageSize = 250;

    static int _running;

    public static async Task<Answer> WriteAsync(OpsRequest request)
    {
        var queue = request.Queue;
        var query = LetterQuery.Read(request.Query);
        // Asked for before the answer begins: what is wrong with the address becomes a page.
        var first = await ReadAsync(request, queue, query, null).ConfigureAwait(false);
        if (Interlocked.Increment(ref _running) > MaxExports)
        {
            Interlocked.Decrement(ref _running);
            return Answer.Of(new ProblemPage(StatusCodes.Status503ServiceUnavailable, "Too many exports",
                $"{MaxExports} are being written already. Try again when one has ended."));
        }

        try
        {
            await Audited.ExportAsync(request, queue, query.Describe()).ConfigureAwait(false);
        }
        catch
        {
            Interlocked.Decrement(ref _running);
            throw;
        }

        return new ExportAnswer(queue, query, first);
    }

    static Task<RedisDeadLetterPage> ReadAsync(OpsRequest request, string queue, LetterQuery query, string? after) =>
        request.CountAsync(x => request.Board.DeadLetters.ListAsync(queue, query.ToFilter(request.Viewer.Predicate), PageSize, after, x));

    sealed class ExportAnswer(string queue, LetterQuery query, RedisDeadLetterPage first) : Answer
    {
        public override async Task WriteAsync(OpsRequest request)
        {
            try
            {
                await FlowAsync(request).ConfigureAwait(false);
            }
            catch (Exception) when (request.Http.Response.HasStarted)
            {
                // What has been written looks like the beginning of a whole file: the browser must see that it is none.
                request.Http.Abort();
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        }

        async Task FlowAsync(OpsRequest request)
        {
            var response = request.Http.Response;
            response.Headers.ContentSecurityPolicy = SecurityHeaders.DownloadPolicy;
            response.Headers[HeaderNames.ContentDisposition] = "attachment; filename=\"dead-letters.ndjson\"";
            response.ContentType = "application/x-ndjson; charset=utf-8";
            using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted,
                request.Http.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? default);
            for (var page = first; ; page = await ReadAsync(request, queue, query, page.Next).ConfigureAwait(false))
            {
                foreach (var letter in page.Entries)
                {
                    var line = LetterData.Line(request.Board.Describers.Describe(letter), request.Board.Settings);
                    await response.Body.WriteAsync(line, end.Token).ConfigureAwait(false);
                }

                await response.Body.FlushAsync(end.Token).ConfigureAwait(false);
                if (page.Next is null)
                    return;
                end.Token.ThrowIfCancellationRequested();
            }
        }
    }
}
