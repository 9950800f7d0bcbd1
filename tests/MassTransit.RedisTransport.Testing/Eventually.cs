using System.Diagnostics;
using Xunit.Sdk;

namespace MassTransit.RedisTransport.Testing;

/// <summary>Bounded waits for what happens in its own time.</summary>
public static class Eventually
{
    /// <summary>Long enough for a loaded machine; a test that passes never waits for it.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(20);

    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(15);

    public static Task TrueAsync(Func<bool> condition, TimeSpan? timeout = null, string? message = null) =>
        TrueAsync(() => Task.FromResult(condition()), timeout, message);

    /// <summary>Waits until the condition holds. One that throws is one that does not hold yet.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? timeout = null, string? message = null)
    {
        var limit = timeout ?? DefaultTimeout;
        var started = Stopwatch.GetTimestamp();
        Exception? last = null;
        while (true)
        {
            try
            {
                if (await condition())
                    return;
                last = null;
            }
            catch (Exception exception) when (exception is not XunitException)
            {
                last = exception;
            }

            if (Stopwatch.GetElapsedTime(started) > limit)
                throw new XunitException(
                    $"{message ?? "The condition"}: not within {limit.TotalSeconds:0.#} s.{(last is null ? "" : $" Last: {last}")}");
            await Task.Delay(Poll);
        }
    }

    /// <summary>Waits until the value is the expected one, and names the last value where it never is.</summary>
    public static async Task EqualAsync<T>(T expected, Func<Task<T>> actual, TimeSpan? timeout = null, string? message = null)
    {
        var last = default(T);
        try
        {
            await TrueAsync(async () => EqualityComparer<T>.Default.Equals(expected, last = await actual()), timeout, message);
        }
        catch (XunitException exception)
        {
            throw new XunitException($"{exception.Message} Expected {expected}, last was {last}.");
        }
    }

    public static Task EqualAsync<T>(T expected, Func<T> actual, TimeSpan? timeout = null, string? message = null) =>
        EqualAsync(expected, () => Task.FromResult(actual()), timeout, message);

    /// <summary>Waits for a task, within a bound.</summary>
    public static async Task CompletesAsync(Task task, TimeSpan? timeout = null, string? message = null)
    {
        var limit = timeout ?? DefaultTimeout;
        if (await Task.WhenAny(task, Task.Delay(limit)) != task)
            throw new XunitException($"{message ?? "The task"}: not completed within {limit.TotalSeconds:0.#} s.");
        await task;
    }

    public static async Task<T> CompletesAsync<T>(Task<T> task, TimeSpan? timeout = null, string? message = null)
    {
        await CompletesAsync((Task)task, timeout, message);
        return await task;
    }
}
