using MassTransit.RedisTransport.Testing;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MassTransit.Webhooks.AspNetCore.Tests.Configuration;

/// <summary>
/// One bad value in a file that was edited took a receiver down, and answered 503 to every webhook until somebody noticed.
/// </summary>
public class ReloadTests
{
    const string Secret = "a secret of some length";

    public static TheoryData<string, string?, string> Bad => new()
    {
        { "Hooks:Priority", "999", "9" },
        { "Hooks:Priority", "high", "9" },
        { "Hooks:Secrets:0", "", Secret },
        { "Hooks:Secrets:0", " " + Secret, Secret },
        { "Hooks:Secrets:1", "short", "another secret of some length" },
        { "Hooks:Secrets:0", null, Secret },
        { "Hooks:EnqueueTimeout", "00:00:00", "00:00:10" }
    };

    [Theory, MemberData(nameof(Bad))]
    public async Task Bad_change_is_refused_and_told_while_the_last_good_options_stay_in_force(string key, string? value, string mended)
    {
        IConfigurationRoot? configuration = null;
        await using var receivers = await Receivers.StartAsync(b =>
        {
            configuration = b.Configuration;
            b.Configuration["Hooks:Secrets:0"] = Secret;
            b.Services.AddWebhookReceiver("r", r => r.GitHub().Configure(b.Configuration.GetSection("Hooks")));
        });
        (await receivers.PostAsync("r", "1", Sign.GitHub(Secret, "1"))).Is(202);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(receivers)).Status);

        for (var i = 0; i < 2; i++)
        {
            configuration![key] = value;
            configuration.Reload();
        }

        (await receivers.PostAsync("r", "2", Sign.GitHub(Secret, "2"))).Is(202);
        Assert.Single(receivers.Logs.Lines, x => x.StartsWith("Error", StringComparison.Ordinal)
            && x.Contains("receiver r was refused, its last good options stay in force", StringComparison.Ordinal));
        var check = await CheckAsync(receivers);
        Assert.Equal(HealthStatus.Degraded, check.Status);
        Assert.Contains("'r'", check.Description, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, check.Description + receivers.Logs.Text, StringComparison.Ordinal);

        configuration![key] = mended;
        configuration["Hooks:MaxBodyBytes"] = "2";
        configuration.Reload();
        (await receivers.PostAsync("r", "3", Sign.GitHub(Secret, "3"))).Is(202);
        (await receivers.PostAsync("r", "three", Sign.GitHub(Secret, "three"))).Is(413, "body-too-large");
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(receivers)).Status);
        Assert.Contains("is good again", receivers.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_that_meets_a_defect_is_logged_with_its_stack_and_bad_options_with_their_message_alone()
    {
        IConfigurationRoot? configuration = null;
        var isBroken = false;
        await using var receivers = await Receivers.StartAsync(b =>
        {
            configuration = b.Configuration;
            b.Configuration["Hooks:Secrets:0"] = Secret;
            b.Services.AddWebhookReceiver("r", r => r.GitHub().Configure(b.Configuration.GetSection("Hooks")).Configure(_ => Break()));
        });
        (await receivers.PostAsync("r", "1", Sign.GitHub(Secret, "1"))).Is(202);

        configuration!["Hooks:Priority"] = "999";
        configuration.Reload();
        isBroken = true;
        configuration.Reload();

        var lines = receivers.Logs.Lines.Where(x => x.Contains("receiver r was refused", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, lines.Length);
        Assert.DoesNotContain("   at ", lines[0], StringComparison.Ordinal);
        Assert.Contains(nameof(Break), lines[1], StringComparison.Ordinal);

        void Break()
        {
            if (isBroken)
                throw new InvalidOperationException("A line of code is wrong.");
        }
    }

    /// <summary>As an operator does it, with an editor.</summary>
    [Fact]
    public async Task Bad_file_is_refused_and_the_mended_one_taken()
    {
        var file = Path.Combine(Path.GetTempPath(), $"{TestNames.Unique("receivers")}.json");
        await File.WriteAllTextAsync(file, $$"""{ "Hooks": { "Secrets": ["{{Secret}}"] } }""");
        try
        {
            await using var receivers = await Receivers.StartAsync(b =>
            {
                b.Configuration.AddJsonFile(file, optional: false, reloadOnChange: true);
                b.Services.AddWebhookReceiver("r", r => r.GitHub().Configure(b.Configuration.GetSection("Hooks")));
            });
            await File.WriteAllTextAsync(file, $$"""{ "Hooks": { "Secrets": ["{{Secret}}"], "Priority": 999 } }""");
            await Eventually.TrueAsync(async () => (await CheckAsync(receivers)).Status == HealthStatus.Degraded);
            (await receivers.PostAsync("r", "1", Sign.GitHub(Secret, "1"))).Is(202);

            await File.WriteAllTextAsync(file, $$"""{ "Hooks": { "Secrets": ["{{Secret}}"], "Priority": 7 } }""");
            await Eventually.TrueAsync(async () => (await CheckAsync(receivers)).Status == HealthStatus.Healthy);
            (await receivers.PostAsync("r", "2", Sign.GitHub(Secret, "2"))).Is(202);
            Assert.Equal([0, 7], receivers.Queue.Received.Select(x => x.Priority));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Weak_secrets_in_code_are_complained_of_and_shared_ones_warned_of()
    {
        await using var receivers = await Receivers.StartAsync(b => b.Services
            .AddWebhookReceiver("weak", r => r.GitHub(o => o.Secrets.Add("weak-one")))
            .AddWebhookReceiver("said", r => r.GitHub(o => (o.AllowShortSecrets, _) = (true, Add(o, "weak-too"))))
            .AddWebhookReceiver("a", r => r.GitHub(o => o.Secrets.Add(Secret)))
            .AddWebhookReceiver("b", r => r.Stripe(o => o.Secrets.Add(Secret))));
        Assert.Contains("receiver weak has a secret of less than 16 bytes", receivers.Logs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("receiver said has a secret of less", receivers.Logs.Text, StringComparison.Ordinal);
        Assert.Contains("The webhook receivers a, b have a secret in common", receivers.Logs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("weak-one", receivers.Logs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, receivers.Logs.Text, StringComparison.Ordinal);
        var check = await CheckAsync(receivers);
        Assert.Equal(HealthStatus.Degraded, check.Status);
        Assert.Contains("'weak' has a secret of less than 16 bytes", check.Description, StringComparison.Ordinal);
        Assert.DoesNotContain("'said'", check.Description, StringComparison.Ordinal);
    }

    static int Add(WebhookReceiverOptions options, string secret)
    {
        options.Secrets.Add(secret);
        return 0;
    }

    static async Task<HealthReportEntry> CheckAsync(Receivers receivers) =>
        (await receivers.App.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["webhook-receivers"];
}
