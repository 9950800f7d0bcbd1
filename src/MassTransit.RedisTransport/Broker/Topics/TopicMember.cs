using System.Globalization;
using MassTransit.RedisTransport.Keyspace;

namespace MassTransit.RedisTransport.Broker.Topics;

internal enum TopicMemberKind
{
    /// <summary>A member that no version of the transport has written.</summary>
    Foreign,

    /// <summary>A permanent queue.</summary>
    Queue,

    /// <summary>A queue that deletes itself.</summary>
    Temporary,

    /// <summary>A further topic.</summary>
    Topic,

    /// <summary>A mark that a queue was removed on purpose. A queue that is missing without a mark was lost.</summary>
    Left,
}

/// <summary>A member of a topic's set.</summary>
/// <param name="Kind">The kind of the member.</param>
/// <param name="Name">The queue's or the topic's name.</param>
internal readonly record struct TopicMember(TopicMemberKind Kind, string Name)
{
    const string QueuePrefix = "q:";
    const string TemporaryPrefix = "a:";
    const string TopicPrefix = "t:";
    const string LeftPrefix = "x:";

    /// <summary>A character that no queue name contains.</summary>
    const char LeftSeparator = '@';

    public static string Queue(string queue, bool temporary = false) => (temporary ? TemporaryPrefix : QueuePrefix) + queue;

    public static string Topic(string topic) => TopicPrefix + topic;

    /// <summary>Creates a mark. Each mark is different, so that senders recognize new ones.</summary>
    public static string Left(string queue, DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture,
        $"{LeftPrefix}{queue}{LeftSeparator}{now.ToUnixTimeMilliseconds()}-{Guid.NewGuid():N}");

    public static TopicMember Parse(string member)
    {
        var name = member.Length > 2 ? member[2..] : "";
        return member.AsSpan(0, Math.Min(2, member.Length)) switch
        {
            QueuePrefix when QueueName.IsValid(name) => new(TopicMemberKind.Queue, name),
            TemporaryPrefix when QueueName.IsValid(name) => new(TopicMemberKind.Temporary, name),
            TopicPrefix when name.Length > 0 => new(TopicMemberKind.Topic, name),
            LeftPrefix when name.IndexOf(LeftSeparator, StringComparison.Ordinal) is > 0 and var end =>
                new(TopicMemberKind.Left, name[..end]),
            _ => default,
        };
    }

    /// <summary>When the mark was set; the earliest time if it contains none.</summary>
    public static DateTimeOffset LeftAt(string member)
    {
        var at = member.IndexOf(LeftSeparator, StringComparison.Ordinal) + 1;
        var end = member.IndexOf('-', Math.Max(0, at));
        return at > 0 && end > at
            && long.TryParse(member.AsSpan(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && time < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(time)
            : DateTimeOffset.MinValue;
    }
}
