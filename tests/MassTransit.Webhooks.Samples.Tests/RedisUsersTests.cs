using MassTransit.Webhooks.Compose.Tests.Support;
using MassTransit.Webhooks.Samples.Tests.Support;
using StackExchange.Redis;

namespace MassTransit.Webhooks.Samples.Tests;

/// <summary>
/// The two users of compose/redis/users.conf: what the processes need of Redis they may do, and what they do not need they may not.
/// </summary>
public class RedisUsersTests
{
    /// <summary>
    /// What the client asks of every server by itself, and does without where it may not; and the configuration, which the users are not to
    /// see.
    /// </summary>
    static readonly string[] DoneWithout = ["object __Booksleeve_", "object config|get"];

    const string Password = "a-password-of-the-tests";

    [SkippableFact]
    public async Task Ingress_and_worker_do_their_work_as_users_who_may_do_no_more()
    {
        await using var server = await StartAsync();
        await using var worker =
            await SampleProcess.StartAsync("Worker", [.. Common(server, "webhooks-worker"), ("Logging__LogLevel__Worker", "Debug")]);
        await using var ingress = await SampleProcess.StartAsync("Ingress",
        [
            .. Common(server, "webhooks-ingress"),
            ("Webhooks__Receivers__github__Secrets__0", Sender.GitHubSecret),
            ("Webhooks__Receivers__orders__Secrets__0", Sender.OrdersSecret),
        ]);
        using var sender = new Sender(await ingress.AddressAsync());

        await using var admin = await ConnectionMultiplexer.ConnectAsync(As(server, "tests"));

        // Refused as long as the worker has not subscribed.
        await Eventually.TrueAsync(async () => (await sender.SendGitHubAsync("first")).Status is 202 or 200, TimeSpan.FromSeconds(60),
            $"{ingress.Output}\n{worker.Output}");
        for (var i = 0; i < 20; i++)
            Assert.Equal(202, (await sender.SendOrderAsync($"order-{i}")).Status);
        var repeat = await sender.SendOrderAsync("order-0");
        Assert.True(repeat.Status == 200, $"{repeat} {await RefusedAsync(admin)}");
        await Eventually.TrueAsync(() => worker.Lines.Count(x => x.Contains("Processed ", StringComparison.Ordinal)) >= 21,
            TimeSpan.FromSeconds(60), worker.Output);
        Assert.True(await worker.StopAsync() == 0, worker.Output);
        Assert.True(await ingress.StopAsync() == 0, ingress.Output);

        var refused = await RefusedAsync(admin);
        Assert.True(refused.Length == 0, refused);
    }

    [SkippableTheory]
    [InlineData("webhooks-ingress", "ZPOPMIN", "webhooks:mt:{orders}:ready")]
    [InlineData("webhooks-ingress", "ZREM", "webhooks:mt:{orders}:ready", "key")]
    [InlineData("webhooks-ingress", "HDEL", "webhooks:mt:{orders}:messages", "key")]
    [InlineData("webhooks-ingress", "HGETALL", "webhooks:mt:{orders}:messages")]
    [InlineData("webhooks-ingress", "EVAL", "return redis.call('ZPOPMIN', KEYS[1])", "1", "webhooks:mt:{orders}:ready")]
    [InlineData("webhooks-ingress", "KEYS", "*")]
    [InlineData("webhooks-ingress", "FLUSHALL")]
    [InlineData("webhooks-ingress", "CONFIG", "GET", "*")]
    [InlineData("webhooks-ingress", "GET", "another:key")]
    [InlineData("webhooks-ingress", "PUBLISH", "another", "1")]
    [InlineData("webhooks-worker", "GET", "another:key")]
    [InlineData("webhooks-worker", "KEYS", "*")]
    [InlineData("webhooks-worker", "FLUSHALL")]
    [InlineData("webhooks-worker", "CONFIG", "SET", "save", "")]
    [InlineData("webhooks-worker", "ACL", "LIST")]
    [InlineData("webhooks-worker", "PUBLISH", "another", "1")]
    public async Task Users_may_not_do_what_they_do_not_need(string user, string command, params string[] arguments)
    {
        await using var server = await StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(As(server, user));

        var exception =
            await Assert.ThrowsAnyAsync<RedisServerException>(() => connection.GetDatabase().ExecuteAsync(command, [.. arguments]));
        Assert.Matches("NOPERM|The user executing the script can't run", exception.Message);
    }

    /// <summary>The server keeps a list of what it has refused.</summary>
    static async Task<string> RefusedAsync(ConnectionMultiplexer admin) => string.Join('\n',
        ((RedisResult[])(await admin.GetDatabase().ExecuteAsync("ACL", "LOG"))!)
            .Select(x => string.Join(' ', ((RedisResult[])x!).Select(y => y.ToString())))
            .Where(x => !DoneWithout.Any(y => x.Contains(y, StringComparison.Ordinal))));

    /// <summary>A server with the users of the file, and one who may look at what was refused.</summary>
    static async Task<RedisServerProcess> StartAsync()
    {
        var options = new RedisServerOptions { Users = { $"tests on >{Password} ~* &* +@all" } };
        foreach (var line in ComposeFiles.Read("redis", "users.conf").Split('\n')
            .Where(x => x.StartsWith("user ", StringComparison.Ordinal)))
            options.ExtraLines.Add(line.Replace(">INGRESS-PASSWORD", $">{Password}", StringComparison.Ordinal)
                .Replace(">WORKER-PASSWORD", $">{Password}", StringComparison.Ordinal));
        var server = new RedisServerProcess(options);
        await server.StartAsync();
        server.SkipIfUnavailable();
        return server;
    }

    static string As(RedisServerProcess server, string user) => $"{server.ConnectionString},user={user},password={Password}";

    static (string, string)[] Common(RedisServerProcess server, string user) =>
        [("REDIS_URL", $"redis://{user}:{Password}@{server.ConnectionString}"), ("Redis__KeyPrefix", "webhooks"),
            ("ASPNETCORE_URLS", "http://127.0.0.1:0")];
}
