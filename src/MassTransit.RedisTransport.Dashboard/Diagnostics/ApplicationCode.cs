namespace MassTransit.RedisTransport.Dashboard.Diagnostics;

/// <summary>Calls what the application has given in its options. What it throws says nothing about the request.</summary>
internal static class ApplicationCode
{
    /// <exception cref="ApplicationCodeException">It has thrown.</exception>
    public static T Call<T>(string option, Func<T> code)
    {
        try
        {
            return code();
        }
        catch (Exception exception)
        {
            throw new ApplicationCodeException(option, exception);
        }
    }
}

/// <summary>A function that the application has given has thrown. The message tells no more than which one.</summary>
internal sealed class ApplicationCodeException(string option, Exception cause)
    : Exception($"The application's {option} has thrown.", cause);
