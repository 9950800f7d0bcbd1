using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Reading;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>
/// How fast an operation replays, and when it stops itself. What is not asked for is as <see cref="RedisReplay"/> has it.
/// </summary>
internal static class ReplayInputs
{
    const int MaxCanary = 1_000;

    static readonly RedisReplay Default = new("", RedisSelection.All);

    public static RedisReplay Read(Asked form, string queue)
    {
        var look = form.Duration("look") ?? Default.Look;
        if (look > TimeSpan.FromHours(1))
            throw new BadQueryException("'look' is an hour at most.");
        return Default with
        {
            Queue = queue,
            Rate = form.NumberOrNone("rate", Default.Rate, 1, RedisReplay.MaxRate),
            Canary = form.NumberOrNone("canary", Default.Canary, 0, MaxCanary) ?? 0,
            Look = look,
            Brake = form.NumberOrNone("brake", Default.Brake, 1, 100),
        };
    }

    public static Fragment Write => html => html.Write($"""
        <div class="filter">
        <label>A second at most <input name="rate" inputmode="numeric" size="7" maxlength="6" value="{Default.Rate!.Value}"
        placeholder="any"></label>
        <label>Canary <input name="canary" inputmode="numeric" size="7" maxlength="4" value="{Default.Canary}" placeholder="none"></label>
        <label>Then look for <input name="look" size="7" maxlength="20" value="{(int)Default.Look.TotalSeconds}s"></label>
        <label>Stop at % failed again <input name="brake" inputmode="numeric" size="7" maxlength="3" value="{Default.Brake!.Value}"
        placeholder="never"></label>
        </div>
        <p class="sub">The canary is replayed first, alone. If it fails again, nothing else is replayed. It waits while more than
        {Formats.Count(Default.MaxReady!.Value)} messages wait in the queue.</p>
        """);
}
