using System.CommandLine;
using System.CommandLine.Parsing;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.CommandLine;

/// <summary>A verb, with lines that show how it is used. Its work gets a session and ends with an exit code.</summary>
sealed class Verb : Command
{
    readonly ToolConsole _console;

    /// <param name="console">The machine.</param>
    /// <param name="name">Its name, which is public.</param>
    /// <param name="description">One sentence.</param>
    /// <param name="examples">Lines that are run as written, without the tool's name.</param>
    public Verb(ToolConsole console, string name, string description, params string[] examples) : base(name, description)
    {
        _console = console;
        Examples = examples;
    }

    public IReadOnlyList<string> Examples { get; }

    /// <summary>Adds options and arguments, in the order in which the help shows them.</summary>
    public Verb With(params Symbol[] symbols)
    {
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    // One argument may be that of several verbs.
                    if (!argument.Validators.Contains(RefuseOptions))
                        argument.Validators.Add(RefuseOptions);
                    Arguments.Add(argument);
                    break;
                case Option option:
                    Options.Add(option);
                    break;
                case Command command:
                    Subcommands.Add(command);
                    break;
            }
        }

        return this;
    }

    /// <summary>A mistyped option must not become a key or a queue: <c>--dryrun --yes</c> would be no dry run.</summary>
    static void RefuseOptions(ArgumentResult result)
    {
        foreach (var token in result.Tokens.Where(x => x.Value is ['-', _, ..]))
            result.AddError($"There is no option '{token.Value}'.");
    }

    public Verb Does(Func<ParseResult, Session, CancellationToken, Task<int>> work)
    {
        SetAction((result, cancellationToken) => RunAsync(result, work, cancellationToken));
        return this;
    }

    async Task<int> RunAsync(ParseResult result, Func<ParseResult, Session, CancellationToken, Task<int>> work,
        CancellationToken cancellationToken)
    {
        try
        {
            await using var session = new Session(_console, GlobalOptions.Read(result));
            try
            {
                return await work(result, session, cancellationToken);
            }
            catch (Exception exception)
            {
                // What fails because it was interrupted was interrupted.
                return Tell(session.Messages, cancellationToken.IsCancellationRequested && exception is not OutputClosedException
                    ? (ExitCode.Interrupted, "Interrupted.") : await session.DescribeAsync(exception));
            }
        }
        catch (Exception exception)
        {
            return Tell(new Messages(_console.Error, json: false, quiet: false, color: false), Failures.Describe(exception));
        }
    }

    static int Tell(Messages messages, (int Code, string? Message) failure)
    {
        if (failure.Message is not null)
            messages.Error($"mtq: {failure.Message}");
        return failure.Code;
    }
}
