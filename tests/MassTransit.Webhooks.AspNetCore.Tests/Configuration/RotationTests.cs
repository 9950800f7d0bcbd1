using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.Extensions.Configuration;

namespace MassTransit.Webhooks.AspNetCore.Tests.Configuration;

public class RotationTests
{
    [Fact]
    public async Task Secrets_of_the_configuration_are_rotated_without_a_restart()
    {
        IConfigurationRoot? configuration = null;
        await using var receivers = await Receivers.StartAsync(b =>
        {
            configuration = b.Configuration;
            b.Configuration["Hooks:Secrets:0"] = "the old secret of the receiver";
            b.Services.AddWebhookReceiver("r", r => r.GitHub().Configure(b.Configuration.GetSection("Hooks")));
        });
        (await receivers.PostAsync("r", "1", Sign.GitHub("the old secret of the receiver", "1"))).Is(202);
        (await receivers.PostAsync("r", "2", Sign.GitHub("the new secret of the receiver", "2"))).Is(401, "signature-mismatch");

        configuration!["Hooks:Secrets:1"] = "the new secret of the receiver";
        configuration.Reload();
        (await receivers.PostAsync("r", "3", Sign.GitHub("the old secret of the receiver", "3"))).Is(202);
        (await receivers.PostAsync("r", "4", Sign.GitHub("the new secret of the receiver", "4"))).Is(202);

        configuration["Hooks:Secrets:0"] = "the new secret of the receiver";
        configuration.Reload();
        (await receivers.PostAsync("r", "5", Sign.GitHub("the old secret of the receiver", "5"))).Is(401, "signature-mismatch");
        (await receivers.PostAsync("r", "6", Sign.GitHub("the new secret of the receiver", "6"))).Is(202);
    }

    [Fact]
    public async Task Secrets_of_a_provider_are_asked_for_at_each_request()
    {
        Vault.Get = _ => ["old"];
        await using var receivers =
            await Receivers.StartAsync(b => b.Services.AddWebhookReceiver("r", r => r.GitHub().SecretsFrom<Vault>()));
        (await receivers.PostAsync("r", "1", Sign.GitHub("old", "1"))).Is(202);
        Vault.Get = name => name == "r" ? ["new", "newer"] : [];
        (await receivers.PostAsync("r", "2", Sign.GitHub("old", "2"))).Is(401, "signature-mismatch");
        (await receivers.PostAsync("r", "3", Sign.GitHub("newer", "3"))).Is(202);

        Vault.Get = _ => [];
        var answer = await receivers.PostAsync("r", "4", Sign.GitHub("", "4"));
        answer.Is(503, "secrets-unavailable");
        Assert.NotNull(answer.RetryAfter);
        Vault.Get = _ => ["newer\n"];
        (await receivers.PostAsync("r", "4", Sign.GitHub("newer\n", "4"))).Is(503, "secrets-unavailable");
        Vault.Get = _ => throw new InvalidOperationException("sealed");
        (await receivers.PostAsync("r", "4", Sign.GitHub("newer", "4"))).Is(503, "secrets-unavailable");
        Assert.Equal(2, receivers.Queue.Received.Count);
    }

    sealed class Vault : IWebhookSecretProvider
    {
        public static Func<string, IReadOnlyList<string>> Get { get; set; } = _ => [];

        public async ValueTask<IReadOnlyList<string>> GetSecretsAsync(string receiver, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return Get(receiver);
        }
    }
}
