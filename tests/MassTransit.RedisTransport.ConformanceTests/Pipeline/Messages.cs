namespace MassTransit.RedisTransport.ConformanceTests.Pipeline;

public sealed record Submitted(int Number);

public sealed record Accepted(int Number);
