using System.Collections.Concurrent;
using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.Diagnostics;
using MassTransit.Webhooks.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.Webhooks.Tests.Diagnostics;

/// <summary>What a collector and a probe see of a processor.</summary>
public sealed class MeterTests(AnyRedis redis) : IClassFixture<AnyRedis>, IDisposable
{
    readonly Measurements _measured = new(WebhookMeter.Name);

    [Fact]
    public async Task Results_latencies_batches_and_workers_are_measured()
    {
        var answered = new ConcurrentQueue<string>();
        await using var app = await StartAsync<MeasuredProcessor>(new Answers(x =>
        {
            answered.Enqueue(x.Webhook.Id);
            return x.Webhook.Id == "bad" ? WebhookResult.Fail("no") : WebhookResult.Success();
        }), p => p.Workers = 7);
        var receiver = TestNames.Unique("receiver");
        var tenant = TestNames.Unique("tenant");
        await app.Queue.EnqueueAsync(
            new Webhook { Id = "good", Receiver = receiver, Tenant = tenant, ReceivedAt = TimeProvider.System.GetUtcNow() });
        await app.Queue.EnqueueAsync(new Webhook { Id = "bad", Receiver = receiver, ReceivedAt = TimeProvider.System.GetUtcNow() });

        var processor = $"processor={nameof(MeasuredProcessor)}";
        await SumsToAsync(1, "masstransit.webhooks.results", $"{processor} receiver={receiver} status=succeeded");
        await SumsToAsync(1, "masstransit.webhooks.results", $"{processor} receiver={receiver} status=failed");
        await SumsToAsync(1, "masstransit.webhooks.tenant.results", $"{processor} tenant={tenant} status=succeeded");
        await SumsToAsync(2, "masstransit.webhooks.batch.size", processor);
        Assert.Equal(2, _measured.Seen.Count(x => x.Instrument == "masstransit.webhooks.latency"
            && x.Tags == $"{processor} receiver={receiver}" && x.Value is > 0 and < 60));
        Assert.Contains(_measured.Seen,
            x => x.Instrument == "masstransit.webhooks.processing.duration" && x.Tags == processor && x.Value >= 0);

        Assert.Equal(7, _measured.Gauge("masstransit.webhooks.workers.limit", processor));
        Assert.Equal(0, _measured.Gauge("masstransit.webhooks.batches.waiting", processor));
        Assert.NotNull(_measured.Gauge("masstransit.webhooks.workers.active", processor));
    }

    [Fact]
    public void A_processor_that_is_gone_is_not_measured_any_more()
    {
        var name = TestNames.Unique("gone");
        using (ProcessorMeter.Start(name, new WorkerLimit(3, 1, 9)))
        {
            Assert.Equal(3, _measured.Gauge("masstransit.webhooks.workers.limit", $"processor={name}"));
        }

        _measured.Clear();
        Assert.Null(_measured.Gauge("masstransit.webhooks.workers.limit", $"processor={name}"));
    }

    [Fact]
    public void Steps_of_autoscale_are_counted()
    {
        var name = TestNames.Unique("scaled");
        var workers = new WorkerLimit(4, 4, 100);
        using var meter = ProcessorMeter.Start(name, workers);
        var counters = new ProcessorCounters(name, TimeProvider.System) { Workers = workers, Meter = meter };
        var scaler = new AutoScaler(workers, counters, TimeProvider.System, AutoScaler.DefaultInterval);
        for (var i = 0; i < 6; i++)
            _ = workers.EnterAsync();

        scaler.Step();
        scaler.Step();
        Assert.Equal(1, _measured.Sum("masstransit.webhooks.scale.decisions", $"processor={name} decision=up"));
        Assert.Equal(1, _measured.Sum("masstransit.webhooks.scale.decisions", $"processor={name} decision=back"));
        Assert.Equal(4, workers.Limit);
    }

    [Fact]
    public void Of_many_receivers_and_tenants_the_first_have_names_and_the_rest_is_other()
    {
        var names = new BoundedNames(3);
        Assert.Equal(["a", "b", "a", "c", "other", "b", "other"], new[] { "a", "b", "a", "c", "d", "b", "e" }.Select(names.Of));

        var raced = new BoundedNames(100);
        var seen = new ConcurrentDictionary<string, byte>();
        Parallel.For(0, 20_000, i => seen[raced.Of($"tenant-{i % 1_000}")] = 0);
        Assert.Equal(101, seen.Count);
        Assert.Contains("other", seen.Keys);
    }

    [Fact]
    public void A_flood_of_tenants_makes_no_flood_of_series()
    {
        var name = TestNames.Unique("flood");
        using var meter = ProcessorMeter.Start(name, new WorkerLimit(1, 1, 1));
        for (var i = 0; i < 1_000; i++)
            meter.Processed(new Webhook { Receiver = $"{name}-{i}", Tenant = $"{name}-{i}" }, WebhookStatus.Succeeded, TimeSpan.Zero);

        Assert.Equal(WebhookMeter.MaxTenants + 1, Series("masstransit.webhooks.tenant.results"));
        Assert.Equal(WebhookMeter.MaxReceivers + 1, Series("masstransit.webhooks.results"));
        Assert.Equal(1_000 - WebhookMeter.MaxReceivers,
            _measured.Sum("masstransit.webhooks.results", $"processor={name} receiver=other status=succeeded"));

        int Series(string instrument) =>
            _measured.Seen.Where(x => x.Instrument == instrument && x.Tags.StartsWith($"processor={name} ", StringComparison.Ordinal))
                .Select(x => x.Tags).Distinct().Count();
    }

    [Fact]
    public async Task Latency_degrades_health_with_figures_and_the_cure()
    {
        await using var app = await StartAsync<SlowProcessor>(new Answers(_ => WebhookResult.Success()), _ => { }, x => x.AddHealthChecks()
            .AddWebhookLatency(o => o.MaxLatency = TimeSpan.FromSeconds(30))
            .AddWebhookLatency(o => o.MaxLatency = TimeSpan.FromSeconds(90), "patient"));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync("webhooks-latency")).Status);

        for (var i = 0; i < 3; i++)
            await app.Queue.EnqueueAsync(
                new Webhook { Id = $"{i}", ReceivedAt = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1) });
        await Eventually.TrueAsync(() => app.Statistics.Read().Single().Succeeded == 3);
        var check = await CheckAsync("webhooks-latency");
        Assert.Equal(HealthStatus.Degraded, check.Status);
        Assert.StartsWith($"{nameof(SlowProcessor)}: half of the webhooks take 6", check.Description, StringComparison.Ordinal);
        Assert.Contains("more than 30000 ms. No batch waits for a worker", check.Description, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync("patient")).Status);
        Assert.Throws<ConfigurationException>(() => new ServiceCollection().AddHealthChecks()
            .AddWebhookLatency(x => x.MaxLatency = TimeSpan.Zero));

        async Task<HealthReportEntry> CheckAsync(string name) =>
            (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(x => x.Name == name)).Entries[name];
    }

    public void Dispose() => _measured.Dispose();

    Task<WebhookApp> StartAsync<T>(Answers answers, Action<IWebhookProcessorConfigurator> configure,
        Action<IServiceCollection>? services = null)
        where T : class, IWebhookProcessor => WebhookApp.OnRedisAsync(redis.Server, w => w.AddProcessor<T>(configure), x =>
        {
            x.AddSingleton(answers);
            services?.Invoke(x);
        });

    Task SumsToAsync(double expected, string instrument, string tags) =>
        Eventually.EqualAsync(expected, () => _measured.Sum(instrument, tags), message: $"{instrument} {tags}");

    sealed record Answers(Func<WebhookContext, WebhookResult> Of);

    sealed class MeasuredProcessor(Answers answers) : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            Task.FromResult(answers.Of(webhook));
    }

    sealed class SlowProcessor(Answers answers) : IWebhookProcessor
    {
        public Task<WebhookResult> ProcessAsync(WebhookContext webhook, CancellationToken cancellationToken) =>
            Task.FromResult(answers.Of(webhook));
    }
}
