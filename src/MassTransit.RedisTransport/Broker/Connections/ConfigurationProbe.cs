using System.Security.Authentication;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>Asks a server why it refuses this client, because the client library only reports that it is not connected.</summary>
internal static class ConfigurationProbe
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <returns>
    /// The error of the credentials, the certificate or the database, with the cure; <c>null</c> for faults that may pass by themselves.
    /// </returns>
    public static Task<string?> RunAsync(RedisConnectionSettings settings)
    {
        if (settings.External is not null || settings.Options is not { ServiceName: null or "", EndPoints: [var endpoint, ..] })
            return Task.FromResult<string?>(null);

        return Task.Run(() =>
        {
            try
            {
                DirectConnection.Open(endpoint, settings.Options, settings.Database, Timeout).Dispose();
                return null;
            }
            catch (RedisServerException exception) when (IsOfConfiguration(exception.Message))
            {
                return $"The server {settings.DisplayAddress} refuses the configured credentials or database "
                    + $"({exception.Message.TrimEnd('.')}). Set the right ones, or mend the user on the server.";
            }
            catch (IOException exception) when (exception.InnerException is AuthenticationException authentication)
            {
                return $"No encrypted connection to {settings.DisplayAddress} is possible ({authentication.Message.TrimEnd('.')}). "
                    + "Check the certificates and the TLS options.";
            }
            catch (Exception)
            {
                // It is away, or busy: that passes.
                return null;
            }
        });
    }

    static bool IsOfConfiguration(string message) =>
        message.StartsWith("WRONGPASS", StringComparison.Ordinal) || message.StartsWith("NOAUTH", StringComparison.Ordinal)
        || message.Contains("AUTH", StringComparison.Ordinal) || message.Contains("invalid password", StringComparison.Ordinal)
        || message.Contains("DB index", StringComparison.Ordinal);
}
