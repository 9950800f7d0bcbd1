namespace MassTransit.Shared;

/// <summary>
/// When an operation must have ended: the moment it began, and how long it may take. Made once, where the operation begins, and
/// handed down to each of its steps, so that the steps together take no longer than one of them may.
/// </summary>
/// <param name="Since">When it began, as <see cref="TimeProvider.GetTimestamp"/> says it.</param>
/// <param name="Budget">How long it may take.</param>
/// <param name="Time">The clock of <paramref name="Since"/>.</param>
internal readonly record struct Deadline(long Since, TimeSpan Budget, TimeProvider Time)
{
    static readonly TimeSpan LeastStep = TimeSpan.FromMilliseconds(250);

    /// <summary>One that begins now.</summary>
    public static Deadline After(TimeSpan budget, TimeProvider? time = null)
    {
        var clock = time ?? TimeProvider.System;
        return new Deadline(clock.GetTimestamp(), budget, clock);
    }

    public TimeSpan Elapsed => Time.GetElapsedTime(Since);

    /// <summary>What is left of the time; negative when it is over.</summary>
    public TimeSpan Left => Budget - Elapsed;

    public bool IsOver => Left <= TimeSpan.Zero;

    /// <summary>What a step gets: what is left, and a quarter of a second at least, also if the time was spent on waiting for its turn.</summary>
    public TimeSpan LeftForStep => Left is var left && left > LeastStep ? left : LeastStep;
}
