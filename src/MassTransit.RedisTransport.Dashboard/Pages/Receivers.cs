using System.Globalization;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>A table of receivers.</summary>
internal static class Receivers
{
    public static void Write(Html html, OpsRequest request, IReadOnlyList<RedisReceiver> receivers, bool withQueue)
    {
        string[] columns =
        [
            "Process", .. withQueue ? new[] { "Queue" } : [], "State", "#Workers", "#Held", "#In/s", "#Out/s", "#p50", "#p99", "Started",
            "Version", "#Obeys control",
        ];
        Tables.Begin(html, "Receivers", columns);
        foreach (var receiver in receivers)
        {
            html.Write($"""<tr><th scope="row">{VisibleText.Head(receiver.DisplayName, 200)}</th>""");
            if (withQueue)
                html.Write($"""<td><a href="{request.Links.Queue(receiver.Queue)}">{receiver.Queue}</a></td>""");
            html.Write($"""
                <td>{State(receiver)}</td>
                <td class="n">{Workers(receiver)}</td>
                <td class="n">{receiver.Held}/{receiver.Prefetch}</td>
                <td class="n">{Rate(receiver.InRate)}</td>
                <td class="n">{Rate(receiver.OutRate)}</td>
                <td class="n">{Latency(receiver.MedianLatency)}</td>
                <td class="n">{Latency(receiver.Percentile99Latency)}</td>
                <td>{Formats.When(receiver.StartedAt, request.Now)}</td>
                <td>{VisibleText.Head(receiver.Version, 60)}</td>
                <td class="n">{(receiver.Protocol == 0 ? "no" : Formats.Count(receiver.ControlVersion))}</td></tr>
                """);
        }

        Tables.End(html);
    }

    static Fragment State(RedisReceiver receiver) => html =>
    {
        if (receiver.IsAlive)
            html.Write($"""<span class="good">alive</span>, heard of {Formats.Duration(receiver.Silence)} ago""");
        else
            html.Write($"""<span class="bad">vanished</span> {Formats.Duration(receiver.Silence)} ago""");
    };

    /// <summary>At work, of how many; and what the code says if an operator has changed it.</summary>
    static string Workers(RedisReceiver receiver)
    {
        var waiting = receiver.WaitingBatches > 0 ? $", {receiver.WaitingBatches} batches wait" : "";
        var code = receiver.WorkerLimit != receiver.ConfiguredWorkers ? $" (code: {receiver.ConfiguredWorkers})" : "";
        return $"{receiver.ActiveWorkers}/{receiver.WorkerLimit}{code}{waiting}";
    }

    static string Rate(double rate) => rate.ToString(rate < 10 ? "0.#" : "N0", CultureInfo.InvariantCulture);

    static string Latency(TimeSpan? latency) => latency is { } time
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms") : "–";
}
