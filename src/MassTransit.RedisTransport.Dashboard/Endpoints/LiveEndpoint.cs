using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>The figures of the queues on a page, as they change: texts by name, so that the browser only puts them in place.</summary>
internal static class LiveEndpoint
{
    /// <summary>Then the browser connects again, and its rights are asked for again.</summary>
    static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(5);

    public static async Task<Answer> StreamAsync(OpsRequest request)
    {
        string[] queues = [.. request.Query.All("q", QueuesPage.Size).Where(request.Viewer.Sees)];
        try
        {
            // All viewers share one reading: a name that cannot be one is refused here, before it spoils that of the others.
            await request.AskAsync(x => request.Board.Catalog.ReadAsync(queues, x)).ConfigureAwait(false);
        }
        catch (AwayException)
        {
            // The stream tells it, and goes on when Redis is back.
        }

        return request.Board.Live.Join(queues) is { } watch
            ? new StreamAnswer(watch)
            : Answer.Of(new ProblemPage(StatusCodes.Status503ServiceUnavailable, "Too many viewers",
                $"{LiveSampler.MaxViewers} pages are watched already. The figures are updated when the page is loaded again."));
    }

    static Dictionary<string, string> Texts(LiveSampler.Watch watch, IReadOnlyDictionary<string, RedisQueueInfo> figures)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in watch.Queues)
        {
            if (!figures.TryGetValue(name, out var queue))
                continue;
            foreach (var (figure, value) in LiveFigureNames.Of(queue))
                texts[Tables.LiveName(name, figure)] = Formats.Count(value);
        }

        return texts;
    }

    sealed class StreamAnswer(LiveSampler.Watch watch) : Answer
    {
        public override async Task WriteAsync(OpsRequest request)
        {
            using var _ = watch;
            var http = request.Http;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted,
                http.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? default);
            end.CancelAfter(MaxDuration);
            http.Response.OnStarting(() =>
            {
                http.Response.Headers.CacheControl = "no-store, no-transform";
                // Proxies would keep the figures back until there are many.
                http.Response.Headers["X-Accel-Buffering"] = "no";
                return Task.CompletedTask;
            });
            await TypedResults.ServerSentEvents(EventsAsync(end.Token)).ExecuteAsync(http).ConfigureAwait(false);
        }

        async IAsyncEnumerable<SseItem<string>> EventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            // Opens the stream at once: some browsers count the time until the first byte as a failure.
            yield return new SseItem<string>("{}", "open");
            while (true)
            {
                LiveFigures figures;
                try
                {
                    figures = await watch.Figures.ReadAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    yield break;
                }

                yield return new SseItem<string>(JsonSerializer.Serialize(new
                {
                    at = Formats.Time(figures.At),
                    away = figures.Queues is null,
                    texts = figures.Queues is { } queues ? Texts(watch, queues) : [],
                }));
            }
        }
    }
}
