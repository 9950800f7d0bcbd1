namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>An answer that many viewers share for a moment, so that their number costs Redis nothing.</summary>
internal sealed class Cached<T>(Func<Task<T>> ask, TimeSpan lifetime, TimeProvider time)
{
    readonly Lock _lock = new();
    Task<T>? _answer;
    long _at;

    public Task<T> GetAsync()
    {
        lock (_lock)
        {
            if (_answer is { IsCompleted: false } || (_answer is { IsCompletedSuccessfully: true } && time.GetElapsedTime(_at) < lifetime))
                return _answer;
            _at = time.GetTimestamp();
            return _answer = ask();
        }
    }
}
