using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;
using MassTransit.RedisTransport.Tool.Verbs;

namespace MassTransit.RedisTransport.Tool;

/// <summary>The whole command line.</summary>
static class Mtq
{
    public static async Task<int> RunAsync(string[] arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        // A text that begins with @ names a body here, and no file with further arguments.
        var result = CreateTree(console, arguments.Length > 0 ? arguments[0] : null)
            .Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Action is ParseErrorAction)
            return Complain(result, console);

        await using var output = new StreamWriter(console.Out, leaveOpen: true);
        try
        {
            return await result.InvokeAsync(new InvocationConfiguration
            {
                Output = output,
                Error = console.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            }, cancellationToken);
        }
        catch (IOException)
        {
            return ExitCode.OutputClosed;
        }
    }

    public static RootCommand CreateTree(ToolConsole console, string? only = null)
    {
        var root = new RootCommand("Queues, dead letters and webhooks of MassTransit on Redis, at a command line.");
        GlobalOptions.AddTo(root);
        foreach (var verb in VerbList.Create(console, only))
            root.Subcommands.Add(verb);
        foreach (var option in root.Options.OfType<HelpOption>())
            option.Action = new HelpWithExamples((HelpAction)option.Action!);
        return root;
    }

    static int Complain(ParseResult result, ToolConsole console)
    {
        var command = result.CommandResult.Command;
        var path = Path(result.CommandResult);
        var messages = new Messages(console.Error, json: false, quiet: false, color: false);
        if (command.Subcommands.Count > 0 && command.Action is null)
        {
            messages.Error($"mtq: '{path}' needs one of: {string.Join(", ", command.Subcommands.Select(x => x.Name))}.");
        }
        else
        {
            foreach (var error in result.Errors)
                messages.Error($"mtq: {error.Message}");
        }

        messages.Error($"'{path} --help' tells more.");
        return ExitCode.Usage;
    }

    static string Path(System.CommandLine.Parsing.CommandResult result) =>
        result.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "mtq";

    /// <summary>The usual help, and lines to copy below it.</summary>
    sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            // The library calls the program by the name of its assembly.
            var configuration = parseResult.InvocationConfiguration;
            var output = configuration.Output;
            using var text = new StringWriter { NewLine = "\n" };
            configuration.Output = text;
            help.Invoke(parseResult);
            configuration.Output = output;
            output.Write(text.ToString().Replace(RootCommand.ExecutableName, "mtq", StringComparison.Ordinal));
            if (parseResult.CommandResult.Command is Verb { Examples.Count: > 0 } verb)
            {
                output.Write("Examples:\n");
                foreach (var example in verb.Examples)
                    output.Write($"  mtq {example}\n");
                output.Write("\n");
            }

            return ExitCode.Done;
        }
    }
}
