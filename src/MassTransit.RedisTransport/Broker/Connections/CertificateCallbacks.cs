using System.Net.Security;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.Broker.Connections;

/// <summary>What the application has said of certificates: the client has events for it, and hands them to nobody.</summary>
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
            // Another version of the client. The system's own rules apply, which refuse rather than accept.
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_CertificateValidationCallback")]
    static extern RemoteCertificateValidationCallback? ValidationOf(ConfigurationOptions options);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_CertificateSelectionCallback")]
    static extern LocalCertificateSelectionCallback? SelectionOf(ConfigurationOptions options);
}
