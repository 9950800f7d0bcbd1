namespace MassTransit.RedisTransport.ConformanceTests.Faults;

public sealed record Job(int Number);

public sealed record OtherJob(int Number);

/// <summary>What a consumer throws in these tests.</summary>
public sealed class JobFailedException : Exception
{
    public JobFailedException(string message)
        : base(message)
    {
    }

    public JobFailedException()
    {
    }

    public JobFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
