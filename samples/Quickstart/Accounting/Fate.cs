namespace Quickstart.Accounting;

/// <summary>What shall happen to a webhook of the demonstration.</summary>
public enum Fate
{
    /// <summary>Processed at once.</summary>
    Succeeds,

    /// <summary>The first attempt times out; the retry in memory succeeds.</summary>
    SucceedsOnRetry,

    /// <summary>Every attempt of the first delivery times out; the redelivery succeeds.</summary>
    SucceedsOnRedelivery,

    /// <summary>The processor asks for another attempt a little later.</summary>
    AsksForLater,

    /// <summary>The processor does not want it: GitHub's ping.</summary>
    IsDiscarded,

    /// <summary>Times out until the backend is repaired: a dead letter.</summary>
    BackendDown,

    /// <summary>Given up by the processor at once: a dead letter.</summary>
    IsRejected,

    /// <summary>Given up at once, also when the backend is repaired: a dead letter to look at.</summary>
    StaysDead,

    /// <summary>Signed with the wrong secret: never accepted.</summary>
    WronglySigned,
}

static class Fates
{
    public static bool IsDeadLetter(this Fate fate) => fate is Fate.BackendDown or Fate.IsRejected;
}
