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

/// <summary>
/// The figures of the queues and operations on a page, as they change: texts by name, so that the browser only puts them in place.
/// </summary>
internal static class LiveEndpoint
{
    /// <summary>Then the browser connects again, and its rights are asked for again.</summary>
    static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(5);

    public static async Task<Answer> StreamAsync(OpsRequest request)
    {
        string[] queues = [.. request.Query.All("q", QueuesPage.Size).Where(request.Viewer.Sees)];
        string[] operations = [.. request.Query.All("o", QueuesPage.Size)];
        try
        {
            // All viewers share one reading: a name that cannot be one is refused here, before it spoils that of the others.
            await request.AskAsync(x => request.Board.Catalog.ReadAsync(queues, x)).ConfigureAwait(false);
            var read = await request.AskAsync(x => Task.WhenAll(operations.Select(id => request.Board.Operations.GetAsync(id, x))))
                .ConfigureAwait(false);
            operations = [.. read.OfType<RedisOperation>().Where(request.Sees).Select(x => x.Id)];
        }
        catch (AwayException)
        {
            // The stream tells it, and goes on when Redis is back; with operations when the browser connects again.
            operations = [];
        }

        return request.Board.Live.Join(queues, operations) is { } watch
            ? new StreamAnswer(watch)
            : Answer.Of(new ProblemPage(StatusCodes.Status503ServiceUnavailable, "Too many viewers",
                $"{LiveSampler.MaxViewers} pages are watched already. The figures are updated when the page is loaded again."));
    }

    static Dictionary<string, string> Texts(LiveSampler.Watch watch, LiveReading reading)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(watch.Queues, reading.Queues, LiveFigures.Of);
        Add(watch.Operations, reading.Operations, LiveFigures.Of);
        return texts;

        void Add<T>(IReadOnlyList<string> names, IReadOnlyDictionary<string, T>? read,
            Func<T, IEnumerable<(string Figure, string Text)>> figures)
        {
            foreach (var name in names)
            {
                if (read?.TryGetValue(name, out var found) != true)
                    continue;
                foreach (var (figure, text) in figures(found!))
                    texts[Tables.LiveName(name, figure)] = VisibleText.Of(text);
            }
        }
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
                LiveReading reading;
                try
                {
                    reading = await watch.Readings.ReadAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    yield break;
                }

                yield return new SseItem<string>(JsonSerializer.Serialize(new
                {
                    at = Formats.Time(reading.At),
                    away = reading.Queues is null,
                    texts = Texts(watch, reading),
                }));
            }
        }
    }
}
