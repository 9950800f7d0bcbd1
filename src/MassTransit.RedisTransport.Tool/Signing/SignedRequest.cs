using System.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Signing;

/// <summary>A webhook that is ready to be sent.</summary>
sealed record SignedRequest(Facts Facts, byte[] Body, string ContentType, IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>The options of whoever plays a sender: <c>send</c>, <c>sign</c>, <c>play</c>, <c>dead send</c>.</summary>
sealed class SenderOptions
{
    readonly Option<string?> _as = new("--as")
    {
        Description = $"Whose form the webhook has: {string.Join(", ", SchemeKind.Names)}",
        HelpName = "scheme",
    };

    readonly SecretOptions _secrets = new();
    readonly DeclarationOptions _declaration = new();

    readonly Option<bool> _badSignature = new("--bad-signature") { Description = "Signs with a secret that nobody has" };

    readonly Option<string?> _stale = new("--stale")
    {
        Description = "Signs a time that lies this far back: 10m",
        HelpName = "duration",
    };

    public SenderOptions()
    {
        _as.AcceptOnlyFromAmong(SchemeKind.Names);
    }

    public Option[] All => [_as, .. _secrets.All, _badSignature, _stale, .. _declaration.All];

    public bool IsGiven(ParseResult result) => result.GetValue(_as) is not null;

    /// <summary>True if the receiver is to refuse it.</summary>
    public bool IsWrong(ParseResult result) => result.GetValue(_badSignature) || result.GetValue(_stale) is not null;

    /// <summary>Reads what is needed once, and then signs any number of webhooks.</summary>
    public Func<Facts, byte[], IReadOnlyList<(string Name, string Value)>> Prepare(ToolConsole console, ParseResult result,
        string? fallback, out SchemeKind kind)
    {
        var name = result.GetValue(_as) ?? fallback
            ?? throw ToolException.Usage($"--as says whose form the webhook has: {string.Join(", ", SchemeKind.Names)}.");
        var found = kind = SchemeKind.Create(name, _declaration.Read(result));
        var secret = _secrets.ReadOne(console, result, kind);
        if (result.GetValue(_badSignature))
        {
            if (!kind.NeedsSecret)
                throw ToolException.Usage($"'{name}' has no signature that could be a bad one.");
            secret = "whsec_" + Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(24));
        }

        var back = result.GetValue(_stale) is { } text ? (long)Durations.Parse(text).TotalSeconds : 0;
        if (back > 0 && !kind.SignsTime)
            throw ToolException.Usage($"'{name}' signs no time: its signatures do not become stale.");
        return (facts, body) => found.Sign(facts with { Time = facts.Time - back }, secret, body);
    }
}
