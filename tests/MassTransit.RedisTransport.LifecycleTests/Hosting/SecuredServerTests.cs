using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.LifecycleTests.Hosting;

public sealed class SecuredServerTests
{
    const string Secret = "s3cr3t-Of-Alice";
    const string WrongSecret = "wr0ng-Pa55word-of-nobody";

    [SkippableFact]
    public async Task Bus_works_over_tls()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions { Tls = true });
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.UseHost = cfg => cfg.Host($"rediss://localhost:{own.Port}/0", h => h.ConfigureConnection(Trust));
            x.Bus = (_, cfg) => Receive(cfg, received);
        });
        Assert.Equal("rediss", app.Bus.Address.Scheme);
        await app.Bus.Publish(new Ping(1));
        await received.WaitAsync(1);
    }

    [SkippableFact]
    public async Task Certificate_that_nobody_trusts_is_refused()
    {
        await using var own = await OwnServer.StartAsync(new RedisServerOptions { Tls = true });
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.HostOptions = o => o.WaitUntilStarted = false;
            x.UseHost = cfg => cfg.Host($"rediss://localhost:{own.Port}/0", h => h.SendTimeout = TimeSpan.FromSeconds(1));
        });
        await Assert.ThrowsAnyAsync<Exception>(() => app.SendAsync("anywhere", new Ping(1)));
        Assert.NotEqual(BusHealthStatus.Healthy, app.Bus.CheckHealth().Status);
    }

    [SkippableFact]
    public async Task User_with_only_the_rights_that_the_documentation_asks_for_can_do_everything()
    {
        var options = new RedisServerOptions();
        options.Users.Add("default off");
        options.Users.Add($"alice on >{Secret} ~shop:* &shop:* +@all -@dangerous +info");
        await using var own = await OwnServer.StartAsync(options);
        var received = new Inbox<int>();
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.UseHost = cfg => cfg.Host($"redis://127.0.0.1:{own.Port}/0/shop", h =>
            {
                h.Username("alice");
                h.Password(Secret);
            });
            x.Bus = (_, cfg) =>
            {
                Receive(cfg, received);
                cfg.ReceiveEndpoint("faulty", e => e.Handler<Notice>(_ => throw new InvalidOperationException("no")));
                cfg.ReceiveEndpoint("answers", e => e.Handler<Question>(context => context.RespondAsync(new Pong(context.Message.Number))));
                cfg.ReceiveEndpoint("faulty_error", e =>
                {
                    e.ConfigureConsumeTopology = false;
                    e.Handler<Notice>(_ =>
                    {
                        received.Add(-1);
                        return Task.CompletedTask;
                    });
                });
            };
        });
        await app.Bus.Publish(new Ping(1));
        await received.WaitAsync(1);
        await app.SendAsync("work", new Ping(2), context => context.Delay = TimeSpan.FromMilliseconds(50));
        await received.WaitAsync(2);
        await app.Bus.Publish(new Notice("fails"));
        await received.WaitAsync(3);
        Assert.Equal(9, (await app.Bus.Request<Question, Pong>(new Question(9))).Message.Number);
        Assert.Equal([1, 2, -1], received.Items);
    }

    [SkippableTheory]
    [InlineData("uri")]
    [InlineData("string")]
    [InlineData("settings")]
    public async Task Credentials_appear_nowhere(string form)
    {
        await using var own = await StartWithAliceAsync();
        var received = new Inbox<int>();
        var headers = new Inbox<string>();
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.UseHost = cfg => UseHost(cfg, form, own.Port, Secret);
            x.Bus = (_, cfg) => cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(async context =>
            {
                headers.Add(string.Join('\n',
                    context.ReceiveContext.TransportHeaders.GetAll().Concat(context.Headers.GetAll()).Select(h => $"{h.Key}={h.Value}")));
                headers.Add(
                    $"{context.SourceAddress} {context.DestinationAddress} {context.ReceiveContext.InputAddress} {context.ResponseAddress} "
                    + System.Text.Encoding.UTF8.GetString(context.ReceiveContext.GetBody()));
                received.Add(context.Message.Number);
                if (context.RequestId is not null)
                    await context.RespondAsync(new Pong(1));
            }));
        });
        await app.Bus.Publish(new Ping(1));
        await app.Bus.Request<Ping, Pong>(new Ping(2));
        await received.WaitAsync(2);

        var health = string.Join('\n', app.Bus.CheckHealth().Endpoints.Select(x => $"{x.Key} {x.Value.Description}"));
        AssertSecretIsIn(Secret, absent: [app.Log.Text, app.ProbeText(), app.Bus.Address.ToString(), health, .. headers.Items]);
        Assert.NotEmpty(app.Log.Entries);
    }

    [SkippableTheory]
    [InlineData("uri")]
    [InlineData("string")]
    [InlineData("settings")]
    public async Task Credentials_appear_nowhere_when_the_password_is_wrong(string form)
    {
        await using var own = await StartWithAliceAsync();
        await using var app = await TestApp.StartAsync(own, x =>
        {
            x.HostOptions = o => o.WaitUntilStarted = false;
            x.UseHost = cfg => UseHost(cfg, form, own.Port, WrongSecret);
            x.Bus = (_, cfg) => Receive(cfg, new Inbox<int>());
        });

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => app.SendAsync("work", new Ping(1)));
        await Eventually.TrueAsync(() => app.Log.Contains("cannot be reached"), message: "the log says so");
        var health = app.Bus.CheckHealth();
        Assert.NotEqual(BusHealthStatus.Healthy, health.Status);
        var endpoints = string.Join('\n', health.Endpoints.Select(x => $"{x.Key} {x.Value.Description} {x.Value.Exception}"));
        AssertSecretIsIn(WrongSecret,
            absent: [refused.ToString(), app.Log.Text, app.ProbeText(), $"{health.Description} {health.Exception} {endpoints}"]);
        Assert.True(refused.ToString().Contains("credentials", StringComparison.Ordinal), refused.ToString());
    }

    [SkippableFact]
    public async Task Credentials_in_an_address_to_send_to_are_not_repeated()
    {
        await using var own = await StartWithAliceAsync();
        await using var app = await TestApp.StartAsync(own, x => x.UseHost = cfg => UseHost(cfg, "settings", own.Port, Secret));

        var refused = await Assert.ThrowsAnyAsync<Exception>(() =>
            app.Bus.GetSendEndpoint(new Uri($"redis://bob:{WrongSecret}@127.0.0.1:{own.Port}/9/other")));
        var endpoint = await app.Bus.GetSendEndpoint(new Uri($"redis://bob:{WrongSecret}@127.0.0.1:{own.Port}/0/known"));
        Uri? destination = null;
        await endpoint.Send(new Ping(1), Pipe.Execute<SendContext<Ping>>(context => destination = context.DestinationAddress));
        AssertSecretIsIn(WrongSecret, absent: [refused.ToString(), destination!.ToString(), app.Log.Text, app.ProbeText()]);
    }

    static async Task<RedisServerProcess> StartWithAliceAsync()
    {
        var options = new RedisServerOptions();
        options.Users.Add("default off");
        options.Users.Add($"alice on >{Secret} ~* &* +@all");
        return await OwnServer.StartAsync(options);
    }

    static void UseHost(IRedisBusFactoryConfigurator cfg, string form, int port, string secret)
    {
        switch (form)
        {
            case "uri":
                cfg.Host($"redis://alice:{secret}@127.0.0.1:{port}/0", Quick);
                break;
            case "string":
                cfg.Host($"127.0.0.1:{port},user=alice,password={secret}", Quick);
                break;
            default:
                cfg.Host(new Uri($"redis://127.0.0.1:{port}"), h =>
                {
                    Quick(h);
                    h.Username("alice");
                    h.Password(secret);
                });
                break;
        }

        static void Quick(IRedisHostConfigurator host)
        {
            // Longer than an attempt to connect, so that its outcome is known.
            host.SendTimeout = TimeSpan.FromSeconds(5);
            host.ConfigureConnection(o => o.ConnectTimeout = 1_000);
        }
    }

    static void Trust(ConfigurationOptions options)
    {
#pragma warning disable CA5359 // The certificate was made a moment ago, by the test.
        options.CertificateValidation += (_, _, _, _) => true;
#pragma warning restore CA5359
    }

    static void Receive(IRedisBusFactoryConfigurator cfg, Inbox<int> received) =>
        cfg.ReceiveEndpoint("work", e => e.Handler<Ping>(context =>
    {
        received.Add(context.Message.Number);
        return Task.CompletedTask;
    }));

    static void AssertSecretIsIn(string secret, string[] absent) =>
        Assert.All(absent, x => Assert.DoesNotContain(secret, x, StringComparison.Ordinal));
}
