using MassTransit.Webhooks.AspNetCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MassTransit;

/// <summary>Adds receivers of webhooks to an application.</summary>
public static class WebhookReceiverExtensions
{
    /// <summary>Adds a receiver. The application does not start if the receiver has no scheme or no secret.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The receiver's name, as in the address. Upper and lower case are not distinguished.</param>
    /// <param name="configure">Sets how the receiver verifies its senders.</param>
    /// <exception cref="ArgumentException">The name is blank, contains a slash, or is already used.</exception>
    public static IServiceCollection AddWebhookReceiver(this IServiceCollection services, string name,
        Action<WebhookReceiverBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        if (name.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"The name '{name}' contains a slash: it is one segment of the address.", nameof(name));
        if (services.Any(x => !x.IsKeyedService && x.ImplementationInstance is ReceiverDefinition other
            && other.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            throw new ArgumentException($"There is a webhook receiver '{name}' already: its name is its address.", nameof(name));

        var definition = new ReceiverDefinition(name);
        services.AddSingleton(definition);
        if (services.All(x => x.ServiceType != typeof(ReceiverOptionsMonitor)))
            AddOnce(services);
        services.AddOptions<WebhookReceiverOptions>(name).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WebhookReceiverOptions>>(provider => new OptionsValidator<WebhookReceiverOptions>(
            name, $"the webhook receiver '{name}'",
            new ReceiverProblems(definition, provider.GetRequiredService<IServiceProviderIsService>()).Find));
        configure(new WebhookReceiverBuilder(services, definition));

        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IWebhookDeduplicator, MemoryWebhookDeduplicator>();
        services.TryAddSingleton<ReceiverRegistry>();
        services.TryAddSingleton<BodyBudget>();
        services.TryAddSingleton<BodyReader>();
        services.TryAddSingleton<RefusalLog>();
        services.TryAddSingleton<IngressMetrics>();
        services.TryAddSingleton<DeduplicationGuard>();
        services.TryAddSingleton<OncePublisher>();
        services.TryAddSingleton<WebhookIngress>();
        return services;
    }

    static void AddOnce(IServiceCollection services)
    {
        services.AddSingleton<ReceiverOptionsMonitor>();
        services.AddSingleton<IOptionsMonitor<WebhookReceiverOptions>>(x => x.GetRequiredService<ReceiverOptionsMonitor>());
        services.AddSingleton<ReceiverAdvice>();
        services.AddHostedService(x => x.GetRequiredService<ReceiverAdvice>());
        services.AddHealthChecks().AddCheck<ReceiversCheck>(ReceiversCheck.Name, tags: ["ready", "webhooks"]);
        Validate<WebhookIngressOptions>(services, static x => x.Problems());
        Validate<WebhookDeduplicationOptions>(services, static x => x.Problems());
    }

    static void Validate<TOptions>(IServiceCollection services, Func<TOptions, IEnumerable<(string Option, string Problem)>> problems)
        where TOptions : class
    {
        services.AddOptions<TOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<TOptions>>(new OptionsValidator<TOptions>(null, typeof(TOptions).Name, problems));
    }
}
