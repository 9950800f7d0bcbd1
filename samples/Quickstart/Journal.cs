using System.Collections.Concurrent;

namespace Quickstart;

/// <summary>Remembers what happened, so that the end can say whether every message was accounted for.</summary>
public sealed class Journal
{
    readonly ConcurrentDictionary<int, int> _orders = new();
    readonly ConcurrentQueue<int> _priorities = new();
    readonly TaskCompletionSource _deadLetter = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _paymentAttempts;
    int _deadLetters;

    public int Consumed => _orders.Count;

    public int Repeated => _orders.Values.Sum() - _orders.Count;

    public int PaymentAttempts => Volatile.Read(ref _paymentAttempts);

    public int DeadLetters => Volatile.Read(ref _deadLetters);

    /// <summary>The priorities in the order the messages were consumed in.</summary>
    public IReadOnlyList<int> Priorities => [.. _priorities];

    public Task DeadLetterSeen => _deadLetter.Task;

    public void Order(OrderPlaced order)
    {
        _orders.AddOrUpdate(order.Number, 1, (_, count) => count + 1);
        _priorities.Enqueue(order.Priority);
    }

    public int PaymentAttempt() => Interlocked.Increment(ref _paymentAttempts);

    public void DeadLetter()
    {
        Interlocked.Increment(ref _deadLetters);
        _deadLetter.TrySetResult();
    }

    /// <summary>Anything that went otherwise than it must; empty when all is well.</summary>
    public IEnumerable<string> Problems(int orders, int paymentAttempts)
    {
        if (Consumed != orders)
            yield return $"{orders - Consumed} of {orders} orders are missing";
        if (Repeated != 0)
            yield return $"{Repeated} orders were consumed more than once";
        if (!Priorities.SequenceEqual(Priorities.OrderDescending()))
            yield return "orders of a lower priority were consumed before more urgent ones";
        if (PaymentAttempts != paymentAttempts)
            yield return $"the payment was tried {PaymentAttempts} times instead of {paymentAttempts}";
        if (DeadLetters != 1)
            yield return $"{DeadLetters} dead letters were found instead of 1";
    }
}
