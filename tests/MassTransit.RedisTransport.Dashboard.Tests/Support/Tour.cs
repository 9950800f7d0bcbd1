namespace MassTransit.RedisTransport.Dashboard.Tests.Support;

/// <summary>Every page that there is, of the queues that there are.</summary>
public static class Tour
{
    public static async Task<IReadOnlyList<string>> PathsAsync(DashboardHost host)
    {
        var root = host.Pattern;
        var paths = new List<string> { root };
        string[] pages = ["queues", "dead", "about", "nothing", "workers", "operations", "trash", "audit"];
        paths.AddRange(pages.Select(x => $"{root}/{x}"));
        var queues = await ((IRedisQueues)host.Services.GetService(typeof(IRedisQueues))!).ListAsync();
        foreach (var queue in queues)
        {
            if (!queue.IsDeadLetterQueue)
            {
                paths.AddRange(new[] { "", "/messages", "/messages?state=delayed", "/messages?state=leased", "/purge", "/delete" }
                    .Select(x => $"{root}/queues/{queue.Name}{x}"));
                continue;
            }

            paths.Add($"{root}/dead/{queue.Name}");
            paths.Add($"{root}/dead/{queue.Name}/messages");
            paths.Add($"{root}/trash/{queue.Name}");
            if ((await host.Letters.ListAsync(queue.Name, limit: 1)).Entries is not [var letter])
                continue;
            paths.AddRange(new[] { $"messages/{letter.Key}", $"messages/{letter.Key}/edit", "replay?what=matching", "purge?what=matching" }
                .Select(x => $"{root}/dead/{queue.Name}/{x}"));
            var groups = await host.Letters.ListGroupsAsync(queue.Name);
            paths.AddRange(groups.Entries.Take(1).Select(x => $"{root}/dead/{queue.Name}/groups/{x.Id}/note"));
        }

        var operations = await ((IRedisOperations)host.Services.GetService(typeof(IRedisOperations))!).ListAsync();
        paths.AddRange(operations.Select(x => $"{root}/operations/{x.Id}"));
        return paths;
    }
}
