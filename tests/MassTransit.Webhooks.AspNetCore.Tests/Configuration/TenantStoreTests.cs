using System.Collections.Concurrent;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.AspNetCore.Tests.Configuration;

/// <summary>Thousands of customers, each with an address and secrets of its own, from a store.</summary>
public class TenantStoreTests
{
    static string SecretOf(string tenant) => $"the-secret-of-{tenant}-1";

    static Task<Receivers> StartAsync(Store store, Action<WebhookReceiverBuilder>? more = null) => Receivers.StartAsync(b =>
    {
        b.Services.AddSingleton(store);
        b.Services.AddWebhookReceiver("shop", r =>
        {
            r.GitHub().TenantsFrom<Store>().Configure(o => o.EnqueueTimeout = TimeSpan.FromSeconds(2));
            more?.Invoke(r);
        });
        b.Services.AddWebhookReceiver("plain", r => r.GitHub(o => o.Secrets.Add(SecretOf("plain"))));
    });

    static Task<Answer> PostAsync(Receivers receivers, string tenant, string body, string? secret = null) =>
        receivers.PostAsync($"shop/{tenant}", body, Sign.GitHub(secret ?? SecretOf(tenant), body));

    [Fact]
    public async Task Each_customer_has_an_address_and_secrets_of_its_own()
    {
        var store = new Store();
        for (var i = 0; i < 5_000; i++)
            store.Add($"t{i}");
        await using var receivers = await StartAsync(store);

        foreach (var tenant in new[] { "t0", "t1", "t4999" })
            (await PostAsync(receivers, tenant, $"body of {tenant}")).Is(202);
        // What one customer has signed is not another's.
        (await PostAsync(receivers, "t1", "x", SecretOf("t0"))).Is(401, "signature-mismatch");
        (await PostAsync(receivers, "t5000", "x")).Is(404, "receiver-unknown");
        (await receivers.PostAsync("shop", "x", Sign.GitHub(SecretOf("t0"), "x"))).Is(404, "receiver-unknown");

        Assert.Equal(["t0", "t1", "t4999"], receivers.Queue.Received.Select(x => x.Webhook.Tenant));
        Assert.Equal(4, store.Lookups);
    }

    /// <summary>With one secret for all, a captured request would be a new webhook under each name.</summary>
    [Fact]
    public async Task Receiver_without_customers_has_no_address_for_them()
    {
        await using var receivers = await StartAsync(new Store());
        (await receivers.PostAsync("plain/other", "x", Sign.GitHub(SecretOf("plain"), "x"))).Is(404, "receiver-unknown");
        (await receivers.PostAsync("plain", "x", Sign.GitHub(SecretOf("plain"), "x"))).Is(202);
    }

    [Fact]
    public async Task Name_priority_and_second_secret_are_the_customers()
    {
        var store = new Store();
        store.Tenants["a"] = new WebhookTenant("an-old-secret-of-a", SecretOf("a")) { Name = "customer 7", Priority = 9 };
        await using var receivers = await StartAsync(store);

        (await PostAsync(receivers, "a", "x")).Is(202);
        (await PostAsync(receivers, "a", "y", "an-old-secret-of-a")).Is(202);

        Assert.All(receivers.Queue.Received, x => Assert.Equal(("customer 7", 9), (x.Webhook.Tenant, x.Priority)));
    }

    [Fact]
    public async Task Change_takes_effect_without_a_restart_when_the_answer_is_old()
    {
        var store = new Store();
        await using var receivers = await Receivers.StartAsync(b =>
        {
            b.Services.AddSingleton(store);
            b.Services.AddWebhookReceiver("shop", r => r.GitHub().TenantsFrom<Store>()
                .Configure(o => o.TenantLifetime = TimeSpan.FromTicks(1)));
        });

        (await PostAsync(receivers, "a", "x")).Is(404, "receiver-unknown");
        store.Add("a");
        (await PostAsync(receivers, "a", "x")).Is(202);
        store.Tenants["a"] = new WebhookTenant("another-secret-of-a");
        (await PostAsync(receivers, "a", "y")).Is(401, "signature-mismatch");
        (await PostAsync(receivers, "a", "y", "another-secret-of-a")).Is(202);
        store.Tenants.TryRemove("a", out _);
        (await PostAsync(receivers, "a", "z", "another-secret-of-a")).Is(404, "receiver-unknown");
    }

    [Fact]
    public async Task Store_that_fails_or_hangs_is_asked_again_and_what_was_known_goes_on()
    {
        var store = new Store();
        store.Add("a");
        await using var receivers = await StartAsync(store, r => r.Configure(o => o.TenantLifetime = TimeSpan.FromTicks(1)));
        (await PostAsync(receivers, "a", "x")).Is(202);

        store.Failure = () => throw new InvalidOperationException("the table is locked");
        (await PostAsync(receivers, "a", "y")).Is(202);
        (await PostAsync(receivers, "b", "y")).Is(503, "secrets-unavailable");
        store.Failure = () => Task.Delay(Timeout.Infinite);
        (await PostAsync(receivers, "a", "z")).Is(202);
        (await PostAsync(receivers, "b", "z")).Is(503, "secrets-unavailable");
        store.Failure = null;
        store.Add("b");
        (await PostAsync(receivers, "b", "z")).Is(202);
    }

    [Fact]
    public async Task Requests_that_come_together_ask_once()
    {
        var store = new Store();
        store.Add("a");
        var gate = new TaskCompletionSource();
        store.Failure = () => gate.Task;
        await using var receivers = await StartAsync(store, r => r.Configure(o => o.EnqueueTimeout = TimeSpan.FromSeconds(30)));

        var posts = Enumerable.Range(0, 20).Select(i => PostAsync(receivers, "a", $"body {i}")).ToArray();
        await store.WasAsked.WaitAsync(TimeSpan.FromSeconds(30));
        gate.SetResult();

        Assert.All(await Task.WhenAll(posts), x => x.Is(202));
        Assert.Equal(1, store.Lookups);
    }

    /// <summary>Names that strangers invent do not drive out those that exist, and a wrong header asks nobody.</summary>
    [Fact]
    public async Task Invented_names_take_a_bounded_memory()
    {
        var time = new TestClock();
        var cache = new TenantCache(time);
        var lookups = 0;
        Task<WebhookTenant?> Find(string tenant)
        {
            lookups++;
            return Task.FromResult(tenant == "a" ? new WebhookTenant("secret") : null);
        }

        Assert.NotNull(await cache.GetAsync("a", TimeSpan.FromHours(1), Find));
        for (var i = 0; i < 50_000; i++)
            Assert.Null(await cache.GetAsync($"x{i}", TimeSpan.FromHours(1), Find));
        lookups = 0;
        Assert.NotNull(await cache.GetAsync("a", TimeSpan.FromHours(1), Find));

        Assert.Equal(0, lookups);
        Assert.InRange(cache.Count, 1, 10_001);

        var store = new Store();
        await using var receivers = await StartAsync(store);
        (await receivers.PostAsync("shop/a", "x")).Is(401, "signature-missing");
        Assert.Equal(0, store.Lookups);
    }

    [Fact]
    public async Task Provider_of_secrets_sees_whose_address_it_was()
    {
        var provider = new Provider();
        await using var receivers = await Receivers.StartAsync(b =>
        {
            b.Services.AddSingleton(provider);
            b.Services.AddWebhookReceiver("r", r => r.GitHub().SecretsFrom<Provider>());
        }, pipeline: app => app.MapWebhooks("/hooks/{region}/{receiver}/{tenant}"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/eu/r/t1") { Content = new StringContent("x") };
        var (name, value) = Sign.GitHub(SecretOf("t1"), "x");
        request.Headers.Add(name, value);

        using var response = await receivers.Client.SendAsync(request);

        Assert.Equal(202, (int)response.StatusCode);
        Assert.Equal(("r", "t1", "eu"), provider.Seen);
        Assert.Equal("t1", Assert.Single(receivers.Queue.Received).Webhook.Tenant);
    }

    sealed class Store : IWebhookReceiverStore
    {
        readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int _lookups;

        public ConcurrentDictionary<string, WebhookTenant> Tenants { get; } = new();

        public Func<Task>? Failure { get; set; }

        public int Lookups => Volatile.Read(ref _lookups);

        public Task WasAsked => _asked.Task;

        public void Add(string tenant) => Tenants[tenant] = new WebhookTenant(SecretOf(tenant));

        public async ValueTask<WebhookTenant?> FindAsync(string receiver, string tenant, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _lookups);
            _asked.TrySetResult();
            if (Failure is { } fail)
                await fail();
            return Tenants.GetValueOrDefault(tenant);
        }
    }

    sealed class Provider : IWebhookSecretProvider
    {
        public (string, string?, object?) Seen { get; private set; }

        public ValueTask<IReadOnlyList<string>> GetSecretsAsync(string receiver, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<IReadOnlyList<string>> GetSecretsAsync(WebhookSecretRequest request, CancellationToken cancellationToken)
        {
            Seen = (request.Receiver, request.Tenant, request.RouteValues["region"]);
            return new((IReadOnlyList<string>)[SecretOf(request.Tenant!)]);
        }
    }
}
