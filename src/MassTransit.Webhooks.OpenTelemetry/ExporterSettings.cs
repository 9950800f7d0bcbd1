using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.OpenTelemetry;

/// <summary>Which signals OpenTelemetry's variables ask to export.</summary>
internal sealed record ExporterSettings(bool ExportTraces, bool ExportMetrics)
{
    /// <summary>
    /// Reads the configuration that is registered with the services, because exporters are added before the container exists.
    /// </summary>
    public static ExporterSettings Read(IServiceCollection services)
    {
        var configuration = FindConfiguration(services) ?? new ConfigurationBuilder().AddEnvironmentVariables().Build();
        return new ExporterSettings(IsWanted(configuration, "TRACES"), IsWanted(configuration, "METRICS"));
    }

    static bool IsWanted(IConfiguration configuration, string signal)
    {
        if (configuration[$"OTEL_{signal}_EXPORTER"] is { Length: > 0 } exporters)
            return exporters.Split(',', StringSplitOptions.TrimEntries).Contains("otlp", StringComparer.OrdinalIgnoreCase);

        return !string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])
            || !string.IsNullOrWhiteSpace(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]);
    }

    static IConfiguration? FindConfiguration(IServiceCollection services)
    {
        var registration = services.LastOrDefault(x => x.ServiceType == typeof(IConfiguration) && !x.IsKeyedService);
        if (registration?.ImplementationInstance is IConfiguration instance)
            return instance;

        try
        {
            // A host registers a factory that returns the configuration it has already read, and does not use the container.
            return registration?.ImplementationFactory?.Invoke(NoServices.Instance) as IConfiguration;
        }
        catch (InvalidOperationException)
        {
            // This factory uses the container. Only the environment variables are read then.
            return null;
        }
    }

    sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object GetService(Type serviceType) => throw new InvalidOperationException("There is no container yet.");
    }
}
