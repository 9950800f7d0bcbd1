namespace MassTransit.Shared;

/// <summary>
/// When an operation must have ended: its start and how long it may take. It is made once, when the operation begins, and handed to each
/// step, so that all steps together stay within one limit.
/// </summary>
/// <param name="Since">When it began, as a value of <see cref="TimeProvider.GetTimestamp"/>.</param>
/// <param name="Budget">How long it may take.</param>
/// <param name="Time">The clock of <paramref name="Since"/>.</param>
internal readonly record struct Deadline(long Since, TimeSpan Budget, TimeProvider Time)
{
    static readonly TimeSpan LeastStep = TimeSpan.FromMilliseconds(250);

    /// <summary>Creates a deadline that begins now.</summary>
    public static Deadline After(TimeSpan budget, TimeProvider? time = null)
    {
        var clock = time ?? TimeProvider.System;
        return new Deadline(clock.GetTimestamp(), budget, clock);
    }

    public TimeSpan Elapsed => Time.GetElapsedTime(Since);

    /// <summary>The time that is left; negative after the deadline.</summary>
    public TimeSpan Left => Budget - Elapsed;

    public bool IsOver => Left <= TimeSpan.Zero;

    /// <summary>
    /// The time for the next step: what is left, but at least 250 ms, so that a step that has waited long for its turn can still run.
    /// </summary>
    public TimeSpan LeftForStep => Left is var left && left > LeastStep ? left : LeastStep;
}
