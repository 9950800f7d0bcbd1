using System.CommandLine;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Dead;

/// <summary>The options that say which dead letters are meant. All that is given must hold.</summary>
sealed class DeadFilter
{
    readonly Option<string?> _group = new("--group") { Description = "The failure group, as 'dead groups' shows it", HelpName = "id" };
    readonly Option<string?> _receiver = new("--receiver") { Description = "Webhooks of this receiver", HelpName = "name" };
    readonly Option<string?> _event = new("--event") { Description = "Webhooks of this event type", HelpName = "type" };
    readonly Option<string?> _tenant = new("--tenant") { Description = "Webhooks of this tenant", HelpName = "name" };
    readonly Option<string?> _webhookId = new("--webhook-id") { Description = "The webhook with the sender's id", HelpName = "id" };
    readonly Option<string?> _type = new("--type") { Description = "Messages of this type: Shop:Paid, or Paid", HelpName = "name" };

    readonly Option<string?> _exception = new("--exception")
    {
        Description = "The exception's type, or the last part of its name",
        HelpName = "type",
    };

    readonly Option<string?> _contains = new("--contains") { Description = "A part of the failure's message", HelpName = "text" };

    readonly Option<string?> _text = new("--text")
    {
        Description = "A text anywhere in the message: headers, body, also the body of a webhook",
        HelpName = "text",
    };

    readonly Option<string?> _older = new("--older") { Description = "Dead for at least this long: 2h", HelpName = "duration" };
    readonly Option<string?> _younger = new("--younger") { Description = "Dead for at most this long: 30m", HelpName = "duration" };

    public Option[] Options =>
    [
        _group, _receiver, _event, _tenant, _webhookId, _type, _exception, _contains, _text, _older, _younger,
    ];

    /// <summary>In the words of the command line; <c>all</c> if nothing was given.</summary>
    public string Describe(ParseResult result)
    {
        var given = Options.Where(x => result.GetResult(x) is { Implicit: false })
            .Select(x => $"{x.Name} {string.Join(' ', result.GetResult(x)!.Tokens.Select(y => y.Value))}").ToArray();
        return given.Length == 0 ? "all" : string.Join(' ', given);
    }

    /// <summary><c>null</c> if nothing was given.</summary>
    public RedisDeadLetterFilter? Read(ParseResult result)
    {
        if (!Options.Any(x => result.GetResult(x) is { Implicit: false }))
            return null;
        // What is asked of a webhook is asked of its properties: that can be stored with an operation.
        var properties = new[]
        {
            ("receiver", result.GetValue(_receiver)), ("eventType", result.GetValue(_event)), ("tenant", result.GetValue(_tenant)),
            ("id", result.GetValue(_webhookId)),
        }.Where(x => x.Item2 is not null).ToDictionary(x => x.Item1, x => x.Item2!);
        return new RedisDeadLetterFilter
        {
            Group = result.GetValue(_group),
            ExceptionType = result.GetValue(_exception),
            FaultMessage = result.GetValue(_contains),
            MessageType = result.GetValue(_type),
            OlderThan = result.GetValue(_older) is { } older ? Durations.Parse(older) : null,
            YoungerThan = result.GetValue(_younger) is { } younger ? Durations.Parse(younger) : null,
            Text = result.GetValue(_text),
            Properties = properties.Count == 0 ? null : properties,
        };
    }
}
