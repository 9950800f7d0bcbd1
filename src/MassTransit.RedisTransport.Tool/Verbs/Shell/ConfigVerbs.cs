using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Configuration;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Shell;

/// <summary><c>mtq config …</c> and <c>mtq context …</c>: which server is meant, and why.</summary>
static class ConfigVerbs
{
    sealed record Line(string Name, string? Value, string Origin);

    sealed record ContextLine(ConfigContext Context, bool IsCurrent);

    static readonly Shape<Line> LineShape = new(
        new("name", "NAME", x => x.Name),
        new("value", "VALUE", x => x.Value),
        new("origin", "ORIGIN", x => x.Origin));

    static readonly Shape<ContextLine> ContextShape = new(
        new("name", "NAME", x => x.Context.Name),
        new("isCurrent", "CURRENT", x => x.IsCurrent, x => x.IsCurrent ? "*" : ""),
        new("redis", "REDIS", x => x.Context.Redis is { } redis ? ServerDisplay.Of(redis) : null),
        new("prefix", "PREFIX", x => x.Context.Prefix),
        new("isProtected", "PROTECTED", x => x.Context.IsProtected, x => x.Context.IsProtected ? "yes" : ""));

    public static Command CreateConfig(ToolConsole console)
    {
        var origin = new Option<bool>("--origin") { Description = "Where each value comes from; always shown" };
        return new Verb(console, "config", "Shows what the tool is configured with.").With(
            new Verb(console, "show", "Shows each setting and where it comes from. Passwords are never shown.", "config show --origin")
                .With(origin).Does((_, session, _) =>
                {
                    session.Output.List(LineShape, Lines(session.Settings));
                    return Task.FromResult(ExitCode.Done);
                }));
    }

    public static Command CreateContext(ToolConsole console)
    {
        var name = new Argument<string>("name") { Description = "The context's name" };
        name.CompletionSources.Add(_ => [.. ConfigFile.Load(console).Contexts.Select(x =>
            new System.CommandLine.Completions.CompletionItem(x.Name))]);
        var passwordEnv = new Option<string?>("--password-env") { Description = "The variable with the password", HelpName = "name" };
        var passwordFile = new Option<string?>("--password-file") { Description = "The file with the password", HelpName = "path" };
        var isProtected = new Option<bool>("--protected") { Description = "Dangerous verbs want the queue's name typed" };
        return new Verb(console, "context", "Names servers, and says which one is in use.").With(
            new Verb(console, "list", "Lists the named servers.", "context list").Does((_, session, _) =>
            {
                var file = ConfigFile.Load(console);
                session.Output.List(ContextShape, [.. file.Contexts.Select(x => new ContextLine(x, x.Name == file.Current))]);
                return Task.FromResult(ExitCode.Done);
            }),
            new Verb(console, "use", "Uses this server from now on.", "context use prod").With(name)
                .Does((result, session, _) => ChangeAsync(session, file =>
                {
                    if (file.Find(result.GetValue(name)!) is null)
                        throw ToolException.NotFound($"There is no context '{result.GetValue(name)}': 'mtq context list' names them.");
                    file.Use(result.GetValue(name)!);
                })),
            new Verb(console, "set", "Names the server of --redis and --prefix.",
                "context set prod --redis redis://ops@redis.example:6379/0 --password-env PROD_REDIS --protected")
                .With(name, passwordEnv, passwordFile, isProtected)
                .Does((result, session, _) => ChangeAsync(session, file =>
                {
                    var before = file.Find(result.GetValue(name)!);
                    var given = GlobalOptions.Read(result);
                    var (env, path) = (result.GetValue(passwordEnv), result.GetValue(passwordFile));
                    if (env is not null && path is not null)
                        throw ToolException.Usage("Give --password-env or --password-file, not both: it would be unclear which is read.");
                    // What is not given stays as it was. The password has one place: a new one takes the place of the old.
                    file.Set(new ConfigContext(result.GetValue(name)!,
                        given.Redis ?? before?.Redis ?? throw ToolException.Usage("--redis names the server."),
                        given.Prefix ?? before?.Prefix, env ?? (path is null ? before?.PasswordEnv : null),
                        path ?? (env is null ? before?.PasswordFile : null),
                        result.GetResult(isProtected) is { Implicit: false }
                            ? result.GetValue(isProtected) : before is { IsProtected: true }));
                })),
            new Verb(console, "remove", "Forgets a named server.", "context remove old").With(name)
                .Does((result, session, _) => ChangeAsync(session, file =>
                {
                    if (!file.Remove(result.GetValue(name)!))
                        throw ToolException.NotFound($"There is no context '{result.GetValue(name)}'.");
                })));
    }

    static Task<int> ChangeAsync(Session session, Action<ConfigFile> change)
    {
        var file = ConfigFile.Load(session.Console);
        change(file);
        file.Save();
        session.Messages.Info($"Written to {file.Path}.");
        return Task.FromResult(ExitCode.Done);
    }

    static Line[] Lines(ToolSettings settings) =>
    [
        new("redis", ServerDisplay.Of(settings.Redis.Value), settings.Redis.Origin),
        new("prefix", settings.Prefix.Value, settings.Prefix.Origin),
        new("context", settings.Context.Value, settings.Context.Origin),
        new("password", Password(settings), settings.Redis.Origin),
        new("protected", settings.IsProtected ? "yes" : "no", settings.Redis.Origin),
        new("output", settings.Output.Value?.ToString().ToLowerInvariant(), settings.Output.Origin),
        new("color", settings.Color.Value ? "yes" : "no", settings.Color.Origin),
        new("timeout", Durations.Show(settings.Timeout.Value), settings.Timeout.Origin),
        new("user", settings.User, "environment"),
    ];

    static string? Password(ToolSettings settings)
    {
        if (ConfigFile.HasPassword(settings.Redis.Value))
            return "(in the address)";
        return settings.Password is null ? null : "(given apart)";
    }
}
