using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;
using MassTransit.RedisTransport.Tool.Signing;

namespace MassTransit.RedisTransport.Tool.Verbs.Senders;

/// <summary><c>mtq send</c>: signed webhooks, as a sender sends them.</summary>
static class SendVerb
{
    public static Command Create(ToolConsole console)
    {
        var url = new Argument<string>("url") { Description = "The receiver's address" };
        var sender = new SenderOptions();
        var eventType = new Option<string>("--event") { Description = "The event type. Default: test", DefaultValueFactory = _ => "test" };
        var id = new Option<string?>("--id") { Description = "The sender's id. Default: a new one for each" };
        var body = new Option<string?>("--body") { Description = "@file, - for the standard input, or the text. Default: one is made" };
        var contentType = new Option<string>("--content-type")
        {
            Description = "Default: application/json",
            DefaultValueFactory = _ => "application/json",
        };
        var count = new Option<int>("--count") { Description = "How many. Default: 1", DefaultValueFactory = _ => 1 };
        var rate = new Option<double?>("--rate") { Description = "How many a second at most. Default: as fast as they are answered" };
        var concurrency = new Option<int>("--concurrency")
        {
            Description = "How many at the same time. Default: 8",
            DefaultValueFactory = _ => 8,
        };
        return new Verb(console, "send", "Sends signed webhooks and shows what the receiver answers.",
            "send http://localhost:5080/webhooks/github --as github --event push",
            "send http://localhost:5080/webhooks/orders --as standard --body @order.json --count 1000 --rate 100",
            "send http://localhost:5080/webhooks/github --as github --bad-signature")
            .With([url, .. sender.All, eventType, id, body, contentType, count, rate, concurrency])
            .Does(async (result, session, cancellationToken) =>
            {
                var target = Target(result.GetValue(url)!);
                var sign = sender.Prepare(console, result, null, out var kind);
                var given = result.GetValue(body) is { } text ? await BodyInput.ReadAsync(console, text, cancellationToken) : null;
                if (given is not null && kind.HasEventInBody && result.GetResult(eventType) is { Implicit: false })
                    session.Messages.Warning($"'{kind.Name}' has its event type in the body: --event changes no body that is given.");

                // One at a time has its own id if one is given; of many each has another, or all but one would be repeats.
                SignedRequest Make(int number)
                {
                    var facts = new Facts(result.GetValue(id) is { } own ? number == 1 ? own : $"{own}-{number}" : NewId(kind.Name),
                        result.GetValue(eventType)!, console.Time.GetUtcNow().ToUnixTimeSeconds());
                    var bytes = given ?? BodyInput.Make(kind, facts);
                    return new SignedRequest(facts, bytes, result.GetValue(contentType)!, sign(facts, bytes));
                }

                using var connection = new RequestSender(target, TimeSpan.FromSeconds(100));
                var deliveries = await SendAsync(session, connection, Make, Math.Max(1, result.GetValue(count)), result.GetValue(rate),
                    Math.Clamp(result.GetValue(concurrency), 1, 256), cancellationToken);
                return Judge(session, deliveries, sender.IsWrong(result));
            });
    }

    public static Uri Target(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        ? url : throw ToolException.Usage($"'{text}' is no http address.");

    public static string NewId(string scheme)
    {
        var id = Guid.NewGuid();
        return scheme switch
        {
            "standard" or "svix" => $"msg_{id:N}",
            "stripe" => $"evt_{id:N}",
            "slack" => $"Ev{id:N}",
            _ => id.ToString(),
        };
    }

    /// <summary>Sends them, in order of their numbers as far as they begin, and shows each answer as it comes.</summary>
    public static async Task<IReadOnlyList<Delivery>> SendAsync(Session session, RequestSender connection, Func<int, SignedRequest> make,
        int count, double? rate, int concurrency, CancellationToken cancellationToken)
    {
        if (rate is <= 0)
            throw ToolException.Usage("--rate is above 0.");
        var done = new ConcurrentQueue<Delivery>();
        var gate = new Lock();
        var started = session.Console.Time.GetTimestamp();
        var next = 0;
        async Task WorkAsync()
        {
            while (Interlocked.Increment(ref next) is var number && number <= count)
            {
                if (rate is { } perSecond)
                {
                    var wait = TimeSpan.FromSeconds((number - 1) / perSecond) - session.Console.Time.GetElapsedTime(started);
                    if (wait > TimeSpan.Zero)
                        await Task.Delay(wait, session.Console.Time, cancellationToken);
                }

                var request = make(number);
                var delivery = await connection.DeliverAsync(number, request.Facts.Id, request.Body,
                    [("Content-Type", request.ContentType), .. request.Headers], cancellationToken);
                lock (gate)
                {
                    done.Enqueue(delivery);
                    session.Output.Row(Delivery.Shape, delivery);
                }
            }
        }

        try
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(concurrency, count)).Select(_ => WorkAsync()));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            session.Messages.Info(string.Create(CultureInfo.InvariantCulture, $"{done.Count} of {count} were answered."));
            throw;
        }

        return [.. done];
    }

    /// <summary>A webhook that is wrong on purpose is refused where all is well.</summary>
    public static int Judge(Session session, IReadOnlyList<Delivery> deliveries, bool isWrong)
    {
        if (deliveries.Count > 1)
            session.Messages.Info(RequestSender.Summarize(deliveries));
        if (!isWrong)
            return deliveries.All(x => x.IsAccepted) ? ExitCode.Done : ExitCode.Failed;
        if (deliveries.Any(x => x.IsAccepted))
        {
            session.Messages.Error("A webhook that is wrong was accepted.");
            return ExitCode.Failed;
        }

        return deliveries.All(x => x.Status is >= 400 and < 500) ? ExitCode.Done : ExitCode.Failed;
    }
}
