using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.Webhooks.OpenTelemetry;

/// <summary>Whether OpenTelemetry's variables ask for an exporter.</summary>
internal sealed record ExporterSettings(bool ExportTraces, bool ExportMetrics)
{
    /// <summary>Exporters are added before there is a container, so the application's configuration is asked for as it is registered.</summary>
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
            // A host registers a function that returns what it has read already, and looks at no container.
            return registration?.ImplementationFactory?.Invoke(NoServices.Instance) as IConfiguration;
        }
        catch (InvalidOperationException)
        {
            // One that does look: the environment then has to do.
            return null;
        }
    }

    sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object GetService(Type serviceType) => throw new InvalidOperationException("There is no container yet.");
    }
}
