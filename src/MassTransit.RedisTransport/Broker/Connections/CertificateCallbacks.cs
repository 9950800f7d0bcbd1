using System.Net.Security;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>
/// Reads the application's certificate callbacks from the client's options. The client has events for them that cannot be read otherwise.
/// </summary>
internal static class CertificateCallbacks
{
    public static RemoteCertificateValidationCallback? Validation(ConfigurationOptions options) => Get(options, ValidationOf);

    public static LocalCertificateSelectionCallback? Selection(ConfigurationOptions options) => Get(options, SelectionOf);

    static T? Get<T>(ConfigurationOptions options, Func<ConfigurationOptions, T?> get)
        where T : class
    {
        try
        {
            return get(options);
        }
        catch (MissingMemberException)
        {
            // The client has another version. The system's own rules apply then, which are stricter.
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_CertificateValidationCallback")]
    static extern RemoteCertificateValidationCallback? ValidationOf(ConfigurationOptions options);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_CertificateSelectionCallback")]
    static extern LocalCertificateSelectionCallback? SelectionOf(ConfigurationOptions options);
}
