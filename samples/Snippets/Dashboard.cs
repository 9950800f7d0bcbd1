using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

public static class Dashboard
{
    public static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddMassTransit(x =>
        {
            x.AddRedisQueues();
            x.UsingRedis((context, cfg) => cfg.Host("redis://localhost:6379"));
        });
    }

    public static void AddWithoutBus(WebApplicationBuilder builder)
    {
        builder.Services.AddRedisAdministration("redis://localhost:6379", "shop");
        builder.Services.AddRedisWebhookDescriber();
        builder.Services.AddSingleton<IRedisMessageDescriber, OrderDescriber>();
    }

    public static void Map(WebApplication app)
    {
        app.MapRedisDashboard("/ops", o =>
        {
            o.View = "ops-read";
            o.Operate = "ops-write";
        });
    }
}

public sealed class OrderDescriber : IRedisMessageDescriber
{
    public IReadOnlyList<RedisMessageFacet> Facets { get; } = [new("shop", "Shop")];

    public RedisMessageDescription? Describe(RedisDeadLetter letter)
    {
        if (!letter.MessageTypes.Contains("urn:message:Shop:Order"))
            return null;
        using var envelope = JsonDocument.Parse(letter.Body);
        var message = envelope.RootElement.GetProperty("message");
        return new RedisMessageDescription
        {
            Values = new Dictionary<string, string?> { ["shop"] = message.GetProperty("shop").GetString() },
            Body = JsonSerializer.SerializeToUtf8Bytes(message),
            ContentType = "application/json",
        };
    }

    public RedisEdit WithBody(RedisDeadLetter letter, ReadOnlyMemory<byte> body) =>
        new() { Message = System.Text.Encoding.UTF8.GetString(body.Span) };
}
