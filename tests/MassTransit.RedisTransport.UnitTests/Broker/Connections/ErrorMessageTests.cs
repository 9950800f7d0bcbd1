using MassTransit.RedisTransport.Broker;
using MassTransit.RedisTransport.Broker.Connections;
using MassTransit.RedisTransport.Broker.Queues;
using MassTransit.RedisTransport.Configuration;
using MassTransit.RedisTransport.Scripts;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace MassTransit.RedisTransport.UnitTests.Broker.Connections;

/// <summary>An error tells the operator what to do, and never a secret.</summary>
public sealed class ErrorMessageTests
{
    const string Password = "hunter2-secret";
    const string User = "someuser";

    [Theory]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value script: 0a1b, on @user_script:12.", "KeyPrefix")]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", "maxmemory")]
    [InlineData("ERR Error running script (call to f_0a1b): @user_script:1: -OOM command not allowed when used memory > 'maxmemory'.",
        "raise maxmemory")]
    [InlineData("MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist on disk.", "disk")]
    [InlineData("NOPERM this user has no permissions to run the 'evalsha' command", "+evalsha")]
    [InlineData("NOAUTH Authentication required.", "+evalsha")]
    [InlineData("CROSSSLOT Keys in request don't hash to the same slot", "report it")]
    [InlineData("ERR something else", "See the server's message")]
    public void A_refusal_names_operation_queue_reason_and_cure(string server, string cure)
    {
        var exception = RedisErrors.Refused(ScriptCatalog.Send, ["mt:{orders}:ready"], new RedisServerException(server));

        Assert.StartsWith($"Redis refused 'send' on mt:{{orders}}:ready: {server.TrimEnd('.')}. ", exception.Message,
            StringComparison.Ordinal);
        Assert.Contains(cure, exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsTransient);
        Assert.IsType<RedisServerException>(exception.InnerException);
    }

    [Theory]
    [InlineData("MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist on disk.")]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.")]
    public void A_full_server_is_an_outage_to_what_empties_it_and_a_refusal_to_what_fills_it(string server)
    {
        var exception = new RedisServerException(server);

        Assert.All([ScriptCatalog.Settle, ScriptCatalog.Move, ScriptCatalog.Split, ScriptCatalog.Release, ScriptCatalog.Renew],
            x => Assert.True(RedisErrors.IsTransient(x, exception)));
        Assert.False(RedisErrors.IsTransient(ScriptCatalog.Send, exception));
    }

    [Fact]
    public void Only_the_first_line_of_the_servers_message_is_repeated()
    {
        var exception = RedisErrors.Refused(ScriptCatalog.Send, [], new RedisServerException("ERR first\r\nsecond"));

        Assert.DoesNotContain("second", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LOADING Redis is loading the dataset in memory", true)]
    [InlineData("READONLY You can't write against a read only replica.", true)]
    [InlineData("ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write against a read only replica.", true)]
    [InlineData("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", true)]
    [InlineData("CLUSTERDOWN The cluster is down", true)]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot", true)]
    [InlineData("BUSY Redis is busy running a script.", true)]
    [InlineData("NOREPLICAS Not enough good replicas to write.", true)]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", false)]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value", false)]
    [InlineData("NOPERM this user has no permissions", false)]
    [InlineData("NOSCRIPT No matching script.", false)]
    public void What_passes_by_itself_is_transient_and_what_needs_an_operator_is_not(string message, bool transient) =>
        Assert.Equal(transient, RedisErrors.IsTransient(new RedisServerException(message)));

    [Fact]
    public void Losing_the_connection_is_transient_and_using_a_closed_client_is_not()
    {
        Assert.True(RedisErrors.IsTransient(new RedisConnectionException(ConnectionFailureType.SocketFailure, "gone")));
        Assert.True(RedisErrors.IsTransient(new RedisTimeoutException("late", CommandStatus.Sent)));
        Assert.True(RedisErrors.IsTransient(new RedisTransportException("away") { IsTransient = true }));
        Assert.False(RedisErrors.IsTransient(new RedisTransportException("refused")));
        Assert.False(RedisErrors.IsTransient(new ObjectDisposedException("client")));
        Assert.False(RedisErrors.IsTransient(new RedisCommandException("used in a way it does not know")));
        // "Reading is not allowed after reader was completed": the client lets that through from a connection it gives up.
        Assert.True(RedisErrors.IsTransient(new InvalidOperationException("the pipe of a connection that is given up")));
    }

    [Fact]
    public void An_unanswered_call_is_transient_and_keeps_an_exception_that_is_clear_already()
    {
        var clear = new RedisTransportException("clear");

        Assert.Same(clear, RedisErrors.Unanswered(ScriptCatalog.Lease, clear));
        var exception = RedisErrors.Unanswered(ScriptCatalog.Lease, new RedisTimeoutException("too late", CommandStatus.Sent));
        Assert.True(exception.IsTransient);
        Assert.Contains("'lease'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_address_shown_holds_no_credential()
    {
        var settings = new RedisConnectionSettings
        {
            Options =
            ConfigurationOptions.Parse($"redis-1:6379,10.0.0.7:6380,user={User},password={Password}")
        };

        Assert.Equal("redis-1:6379,10.0.0.7:6380", settings.DisplayAddress);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_named_without_a_credential()
    {
        // Port 1 of the loopback: refused at once.
        var options = ConfigurationOptions.Parse($"127.0.0.1:1,user={User},password={Password},connectTimeout=500,connectRetry=1");
        await using var engine =
            new QueueEngine(new RedisConnectionSettings { Options = options, SendTimeout = TimeSpan.FromSeconds(3) }, NullLogger.Instance);

        var exception = await Assert.ThrowsAsync<RedisTransportException>(() => engine.Queue("orders")
            .SendAsync(new OutgoingMessage(new byte[] { 1 })));

        Assert.True(exception.IsTransient);
        Assert.Contains("127.0.0.1:1", exception.ToString(), StringComparison.Ordinal);
        Assert.Contains("Check", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, exception.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(User, exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_cure_for_a_policy_that_evicts_names_the_policy_and_both_ways_out()
    {
        var cure = new ServerFacts("redis-1:6379", "allkeys-lru", true).EvictionCure("redis-1:6379");

        Assert.Contains("redis-1:6379", cure, StringComparison.Ordinal);
        Assert.Contains("allkeys-lru", cure, StringComparison.Ordinal);
        Assert.Contains("CONFIG SET maxmemory-policy noeviction", cure, StringComparison.Ordinal);
        Assert.Contains("AllowEvictionPolicy", cure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("noeviction", false)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("allkeys-lru", true)]
    [InlineData("volatile-ttl", true)]
    public void A_policy_that_evicts_anything_may_delete_messages(string? policy, bool mayEvict) =>
        Assert.Equal(mayEvict, new ServerFacts("redis-1:6379", policy, null).MayEvict);

    [Fact]
    public async Task A_message_of_one_queue_is_not_moved_to_a_queue_of_another_slot()
    {
        await using var engine = new QueueEngine(new RedisConnectionSettings(), NullLogger.Instance);

        var exception =
            await Assert.ThrowsAsync<ArgumentException>(() => engine.Queue("orders").RequeueAsync(engine.Queue("invoices"), []));

        Assert.Contains("share a cluster slot", exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            engine.Queue("orders").MoveAsync(LeaseHandle.Create(new byte[22], "t"), engine.Queue("invoices_error"), default));
    }

    [Fact]
    public void The_exceptions_have_the_constructors_an_exception_should_have()
    {
        foreach (var type in (Type[])[typeof(RedisTransportException), typeof(LeaseLostException)])
        {
            Assert.NotNull(Activator.CreateInstance(type));
            Assert.Equal("m", ((Exception)Activator.CreateInstance(type, "m")!).Message);
            Assert.Equal("inner",
                ((Exception)Activator.CreateInstance(type, "m", new InvalidOperationException("inner"))!).InnerException!.Message);
        }
    }
}
