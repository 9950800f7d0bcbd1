namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>
/// An answer that many viewers share for a while, so that their number costs Redis nothing. A failure is shared by nobody.
/// </summary>
/// <param name="ask">Asks for it.</param>
/// <param name="lifetime">How long an answer is shared.</param>
/// <param name="time">Measures that.</param>
internal sealed class Cached<T>(Func<Task<T>> ask, Func<T, TimeSpan> lifetime, TimeProvider time)
{
    readonly Lock _lock = new();
    Task<T>? _answer;
    long _at;

    public Cached(Func<Task<T>> ask, TimeSpan lifetime, TimeProvider time)
        : this(ask, _ => lifetime, time)
    {
    }

    public Task<T> GetAsync()
    {
        lock (_lock)
        {
            if (_answer is { IsCompleted: false }
                || (_answer is { IsCompletedSuccessfully: true, Result: var known } && time.GetElapsedTime(_at) < lifetime(known)))
                return _answer;
            _at = time.GetTimestamp();
            return _answer = ask();
        }
    }

    /// <summary>After an action: what is shown next is read anew.</summary>
    public void Forget()
    {
        lock (_lock)
            _answer = null;
    }
}
