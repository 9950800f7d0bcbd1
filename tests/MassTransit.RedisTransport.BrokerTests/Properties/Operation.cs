using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace MassTransit.RedisTransport.BrokerTests.Properties;

public enum OperationKind
{
    Send,
    SendDelayed,
    SendTwice,
    Lease,
    Settle,
    Release,
    ReleaseDelayed,
    Renew,
    Move,
    EndLease,
    EndDelays,
    Crash,
    StaleSettle,
    Cancel,
    Remove,
    Replay,
    Pause,
    Resume,
    Limit,
}

/// <summary>One step of a random history. The numbers choose among what there is at that time.</summary>
public readonly record struct Operation(OperationKind Kind, int Choice, byte Priority)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind}({Choice},{Priority})");

    /// <summary>
    /// Sends and leases are as frequent as everything that needs them together; a failing history is cut down to its core.
    /// </summary>
    public static Arbitrary<Operation[]> Histories(int length)
    {
        var kind = Gen.Frequency(
            (6, Gen.Constant(OperationKind.Send)), (3, Gen.Constant(OperationKind.SendDelayed)), (2, Gen.Constant(OperationKind.SendTwice)),
            (6, Gen.Constant(OperationKind.Lease)), (10, Gen.Elements(Enum.GetValues<OperationKind>())));
        var operation =
            from k in kind
            from choice in Gen.Choose(0, 99)
            from priority in Gen.Elements<byte>(0, 1, 1, 2, 255)
            select new Operation(k, choice, priority);
        return Arb.From(operation.ArrayOf(length), history => history.Length == 0 ? [] : Smaller(history));
    }

    static IEnumerable<Operation[]> Smaller(Operation[] history)
    {
        for (var size = history.Length / 2; size > 0; size /= 2)
        {
            for (var start = 0; start + size <= history.Length; start += size)
                yield return [.. history[..start], .. history[(start + size)..]];
        }
    }
}
