namespace MassTransit.RedisTransport.LifecycleTests.Hosting;

/// <summary>A wrong option stops the start and is named, with its value and the cure. No server is needed to say so.</summary>
public sealed class ConfigurationErrorTests
{
    public static TheoryData<string, string, Action<IRedisHostConfigurator>> HostOptions => new()
    {
        { "KeyPrefix", "a b", h => h.KeyPrefix("a b") },
        { "KeyPrefix", "x:y", h => h.KeyPrefix("x:y") },
        { "KeyPrefix", "{x}", h => h.KeyPrefix("{x}") },
        { "Database", "-3", h => h.ConfigureConnection(o => o.DefaultDatabase = -3) },
        { "SendTimeout", "00:02:00", h => h.SendTimeout = TimeSpan.FromMinutes(2) },
        { "SendTimeout", "00:00:00.01", h => h.SendTimeout = TimeSpan.FromMilliseconds(10) },
        { "RequireReplicas", "-1", h => h.RequireReplicas(-1, TimeSpan.FromSeconds(1)) },
        { "RequireReplicas timeout", "00:01:00", h => h.RequireReplicas(1, TimeSpan.FromMinutes(1)) },
        { "RequireReplicas timeout", "00:00:00", h => h.RequireReplicas(1, TimeSpan.Zero) },
    };

    public static TheoryData<string, string, Action<IRedisReceiveEndpointConfigurator>> EndpointOptions => new()
    {
        { "LeaseDuration", "00:00:00.05", e => e.LeaseDuration = TimeSpan.FromMilliseconds(50) },
        { "LeaseDuration", "2.00:00:00", e => e.LeaseDuration = TimeSpan.FromDays(2) },
        { "MaxDeliveryCount", "0", e => e.MaxDeliveryCount = 0 },
        { "MaxDeliveryCount", "1000001", e => e.MaxDeliveryCount = 1_000_001 },
        { "PriorityAging", "00:00:00", e => e.PriorityAging = TimeSpan.Zero },
        { "PriorityAging", "2.00:00:00", e => e.PriorityAging = TimeSpan.FromDays(2) },
        { "AutoDeleteOnIdle", "00:00:00.5", e => e.AutoDeleteOnIdle = TimeSpan.FromMilliseconds(500) },
        { "AutoDeleteOnIdle", "2.00:00:00", e => e.AutoDeleteOnIdle = TimeSpan.FromDays(2) },
        { "PrefetchCount", "0", e => e.PrefetchCount = 0 },
    };

    [Theory]
    [MemberData(nameof(HostOptions))]
    public void Bad_host_option_is_named_with_its_value(string option, string value, Action<IRedisHostConfigurator> configure)
    {
        var refused =
            Assert.ThrowsAny<ConfigurationException>(() => Bus.Factory.CreateUsingRedis(cfg => cfg.Host("redis://localhost", configure)));
        Assert.Contains(option, refused.Message, StringComparison.Ordinal);
        Assert.Contains(value, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(EndpointOptions))]
    public void Bad_endpoint_option_is_named_with_its_value_and_its_queue(string option, string value,
        Action<IRedisReceiveEndpointConfigurator> configure)
    {
        var refused = Assert.ThrowsAny<ConfigurationException>(() =>
            Bus.Factory.CreateUsingRedis(cfg => cfg.ReceiveEndpoint("wrong-one", configure)));
        Assert.Contains(option, refused.Message, StringComparison.Ordinal);
        Assert.Contains(value, refused.Message, StringComparison.Ordinal);
        Assert.Contains("wrong-one", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("has space")]
    [InlineData("has{brace}")]
    [InlineData("slash/inside")]
    public void Bad_queue_name_is_refused_with_the_allowed_characters(string name)
    {
        var refused = Assert.ThrowsAny<Exception>(() => Bus.Factory.CreateUsingRedis(cfg => cfg.ReceiveEndpoint(name, _ => { })));
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.Contains("A-Z a-z 0-9", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:6379", "redis://")]
    [InlineData("redis://localhost/orders", "database")]
    [InlineData("redis://localhost/0/prefix/more", "database")]
    [InlineData("redis://", "redis://")]
    [InlineData("redis://local host", "redis://")]
    [InlineData("localhost,password=p4ss,noSuchOption=1", "connection string")]
    public void Bad_address_is_refused_with_the_right_form_and_without_its_secret(string address, string expected)
    {
        var refused = Assert.ThrowsAny<ConfigurationException>(() => Bus.Factory.CreateUsingRedis(cfg => cfg.Host(address)));
        Assert.Contains(expected, refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("p4ss", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var refused = Assert.ThrowsAny<ConfigurationException>(() => Bus.Factory.CreateUsingRedis(cfg =>
        {
            cfg.Host("redis://localhost", h => h.SendTimeout = TimeSpan.Zero);
            cfg.ReceiveEndpoint("one", e => e.MaxDeliveryCount = 0);
            cfg.ReceiveEndpoint("two", e => e.LeaseDuration = TimeSpan.Zero);
        }));
        foreach (var option in new[] { "SendTimeout", "MaxDeliveryCount", "LeaseDuration" })
            Assert.Contains(option, refused.Message, StringComparison.Ordinal);
    }
}
