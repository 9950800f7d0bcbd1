using System.CommandLine;
using MassTransit.RedisTransport.Tool.Configuration;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Signing;

/// <summary>
/// Where secrets of senders come from: variables and files, <c>MTQ_SECRET</c> if neither is named. Several are tried, as in a rotation. A
/// name in
/// front (<c>github=GH_SECRET</c>) says whose it is.
/// </summary>
sealed class SecretOptions
{
    readonly Option<string[]> _env = new("--secret-env")
    {
        Description = "The variable with the secret, or github=VARIABLE. Default: MTQ_SECRET",
        HelpName = "name",
    };

    readonly Option<string[]> _file = new("--secret-file") { Description = "The file with the secret, or github=FILE", HelpName = "path" };

    public Option[] All => [_env, _file];

    /// <summary>All secrets for a scheme; none if there are none.</summary>
    public IReadOnlyList<string> Read(ToolConsole console, ParseResult result, string scheme)
    {
        var found = new List<string>();
        foreach (var (owner, name) in (result.GetValue(_env) ?? []).Select(Split))
        {
            if (owner is null || owner == scheme)
                found.Add(Secrets.ReadVariable(console, name));
        }

        foreach (var (owner, path) in (result.GetValue(_file) ?? []).Select(Split))
        {
            if (owner is null || owner == scheme)
                found.Add(Secrets.ReadFile(path));
        }

        if (found.Count == 0 && console.Variable("MTQ_SECRET") is { } secret)
            found.Add(secret);
        return found;
    }

    /// <summary>The one that signs.</summary>
    /// <exception cref="ToolException">There is none, or it is no secret of this scheme.</exception>
    public string ReadOne(ToolConsole console, ParseResult result, SchemeKind kind)
    {
        if (!kind.NeedsSecret)
            return "";
        if (Read(console, result, kind.Name) is not [var secret, ..])
        {
            throw ToolException.Usage($"'{kind.Name}' signs with a secret: give it in MTQ_SECRET, or name its place (--secret-env, "
                + "--secret-file).");
        }

        return kind.Scheme.FindSecretError(secret) is { } error ? throw ToolException.Usage($"The secret {error}.") : secret;
    }

    static (string? Owner, string Name) Split(string text)
    {
        var end = text.IndexOf('=', StringComparison.Ordinal);
        return end > 0 && Array.IndexOf(SchemeKind.Names, text[..end]) >= 0 ? (text[..end], text[(end + 1)..]) : (null, text);
    }
}
