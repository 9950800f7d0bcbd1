using MassTransit.Shared;
using StackExchange.Redis;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>Parses an address of Redis as the transport does: a URI, or a connection string of StackExchange.Redis.</summary>
internal static class RedisAddress
{
    /// <exception cref="ArgumentException">
    /// The text is neither. The message does not contain it, because it may hold a password.
    /// </exception>
    public static ConfigurationOptions Parse(string text)
    {
        try
        {
            if (!ServerAddress.IsAddress(text))
                return ServerAddress.ParseConnectionString(text);

            // Ignores the part after the database. It is the transport's key prefix, and these keys are not the transport's.
            var address = ServerAddress.Parse(text);
            address.Options.DefaultDatabase = address.Database;
            return address.Options;
        }
        catch (ConfigurationException exception)
        {
            throw new ArgumentException(exception.Message, nameof(text), exception);
        }
    }
}
