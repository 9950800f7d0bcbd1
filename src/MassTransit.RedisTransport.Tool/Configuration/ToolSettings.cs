using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Configuration;

/// <summary>A value and where it comes from.</summary>
sealed record Setting<T>(T Value, string Origin);

/// <summary>What was given on the command line. <c>null</c>: nothing.</summary>
sealed record GivenSettings(string? Redis, string? Prefix, string? Context, string? Output, bool NoColor, bool Quiet, TimeSpan? Timeout);

/// <summary>
/// Which server the tool talks to, and how it shows things. Each value is taken from the first place that has it: the command line, a
/// context that
/// was named there, <c>MTQ_*</c>, <c>REDIS_URL</c>, <c>.mtq.json</c> in this folder or one above, the user's own configuration, the
/// default.
/// </summary>
sealed class ToolSettings
{
    const string DefaultRedis = "redis://localhost:6379/0";

    public required Setting<string> Redis { get; init; }

    public required Setting<string?> Prefix { get; init; }

    public required Setting<string?> Context { get; init; }

    public required Setting<OutputFormat?> Output { get; init; }

    public required Setting<bool> Color { get; init; }

    public required bool Quiet { get; init; }

    /// <summary>How long a call may take. Short: somebody waits for it.</summary>
    public required Setting<TimeSpan> Timeout { get; init; }

    public required bool IsProtected { get; init; }

    /// <summary>Given apart from the address; never shown.</summary>
    public string? Password { get; init; }

    /// <summary>Why no server can be asked. Verbs that need none do not mind.</summary>
    public ToolException? Problem { get; private init; }

    /// <summary>Who acts, for the audit. Nobody has proven it.</summary>
    public required string User { get; init; }

    public static ToolSettings Resolve(ToolConsole console, GivenSettings given)
    {
        if (ConfigFile.HasPassword(given.Redis))
        {
            throw ToolException.Usage("A password on the command line is in the shell's history and in the list of processes. Give the "
                + "address in MTQ_REDIS or REDIS_URL, the password alone in MTQ_PASSWORD, or both in a context ('mtq context set').");
        }

        var file = ConfigFile.Load(console);
        var project = ProjectFile.Find(console);
        var named = Named(console, file, given, project);
        var context = named.Value is null ? null : file.Find(named.Value);
        // A context that somebody names now means its server, whatever the environment of the shell has.
        var isGiven = given.Context is not null;
        var (redis, isOfContext) = FindRedis(console, given, project, context, isGiven);
        var prefix = FindPrefix(console, given, project, isOfContext ? context : null, isGiven);
        var problem = named.Value is null || context is not null
            ? null
            : ToolException.NotFound($"There is no context '{named.Value}' ({named.Origin}) in {file.Path}: see 'mtq context list'.");
        var password = FindPassword(console, redis, isOfContext ? context : null, project, ref problem);
        return new ToolSettings
        {
            Redis = redis,
            Prefix = prefix,
            Context = named,
            Problem = problem,
            Output = FindOutput(console, given),
            Color = FindColor(console, given),
            Quiet = given.Quiet || console.Variable("MTQ_QUIET") is not null,
            Timeout = given.Timeout is { } timeout ? new(timeout, "--timeout") : new(TimeSpan.FromSeconds(5), "default"),
            IsProtected = isOfContext && context is { IsProtected: true },
            Password = password,
            User = $"cli:{console.Variable("MTQ_USER") ?? console.UserName}@{console.MachineName}",
        };
    }

    static Setting<string?> Named(ToolConsole console, ConfigFile file, GivenSettings given, ProjectFile? project)
    {
        if (given.Context is not null)
            return new(given.Context, "--context");
        if (console.Variable("MTQ_CONTEXT") is { } variable)
            return new(variable, "MTQ_CONTEXT");
        if (project?.Context is { } ofProject)
            return new(ofProject, project.Path);
        return file.Current is { } current ? new(current, file.Path) : new(null, "default");
    }

    static (Setting<string> Redis, bool IsOfContext) FindRedis(ToolConsole console, GivenSettings given, ProjectFile? project,
        ConfigContext? context, bool isGiven)
    {
        if (given.Redis is not null)
            return (new(given.Redis, "--redis"), false);
        if (isGiven && context?.Redis is { } chosen)
            return (new(chosen, $"context {context.Name}"), true);
        foreach (var name in new[] { "MTQ_REDIS", "REDIS_URL" })
        {
            if (console.Variable(name) is { } value)
                return (new(value, name), false);
        }

        if (project?.Redis is { } ofProject)
            return (new(ofProject, project.Path), false);
        return context?.Redis is { } current ? (new(current, $"context {context.Name}"), true) : (new(DefaultRedis, "default"), false);
    }

    static Setting<string?> FindPrefix(ToolConsole console, GivenSettings given, ProjectFile? project, ConfigContext? context, bool isGiven)
    {
        if (given.Prefix is not null)
            return new(given.Prefix, "--prefix");
        if (isGiven && context?.Prefix is { } chosen)
            return new(chosen, $"context {context.Name}");
        if (console.Variable("MTQ_PREFIX") is { } variable)
            return new(variable, "MTQ_PREFIX");
        if (project?.Prefix is { } ofProject)
            return new(ofProject, project.Path);
        return context?.Prefix is { } current ? new(current, $"context {context.Name}") : new(null, "default");
    }

    static Setting<OutputFormat?> FindOutput(ToolConsole console, GivenSettings given)
    {
        var (text, origin) = given.Output is not null ? (given.Output, "--output")
            : console.Variable("MTQ_OUTPUT") is { } variable ? (variable, "MTQ_OUTPUT") : (null, "default");
        return text switch
        {
            null => new(null, origin),
            "table" => new(OutputFormat.Table, origin),
            "json" => new(OutputFormat.Json, origin),
            "ndjson" => new(OutputFormat.Ndjson, origin),
            _ => throw ToolException.Usage($"'{text}' ({origin}) is no form of output: table, json or ndjson."),
        };
    }

    /// <summary>https://no-color.org; a terminal without colours says so, and Windows' old console does not know them.</summary>
    static Setting<bool> FindColor(ToolConsole console, GivenSettings given)
    {
        if (given.NoColor)
            return new(false, "--no-color");
        if (console.Variable("NO_COLOR") is not null)
            return new(false, "NO_COLOR");
        if (console.Variable("TERM") == "dumb")
            return new(false, "TERM");
        return new(!OperatingSystem.IsWindows() || console.Variable("WT_SESSION") is not null, "default");
    }

    static string? FindPassword(ToolConsole console, Setting<string> redis, ConfigContext? context, ProjectFile? project,
        ref ToolException? problem)
    {
        // A repository's file must not decide where the user's password is sent.
        if (ConfigFile.HasPassword(redis.Value) || redis.Origin == project?.Path)
            return null;
        try
        {
            if (context?.PasswordEnv is { } variable)
                return Secrets.ReadVariable(console, variable);
            return context?.PasswordFile is { } path ? Secrets.ReadFile(path) : console.Variable("MTQ_PASSWORD");
        }
        catch (ToolException exception)
        {
            problem ??= exception;
            return null;
        }
    }
}
