namespace MassTransit.RedisTransport.LifecycleTests.Support;

public sealed record Ping(int Number);

public sealed record Pong(int Number);

public sealed record Question(int Number);

public sealed record Notice(string Text);
