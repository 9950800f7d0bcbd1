using System.CommandLine;
using MassTransit.RedisTransport.Tool.CommandLine;
using MassTransit.RedisTransport.Tool.Outcomes;
using MassTransit.RedisTransport.Tool.Output;

namespace MassTransit.RedisTransport.Tool.Verbs.Shell;

/// <summary><c>mtq completion</c>: a script for a shell, which asks the tool itself what may follow.</summary>
static class CompletionVerb
{
    const string Bash = """
        # mtq completion for bash: eval "$(mtq completion bash)"
        _mtq() {
          local IFS=$'\n' word="${COMP_WORDS[COMP_CWORD]}"
          COMPREPLY=($(compgen -W "$(mtq "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "$word"))
        }
        complete -o default -F _mtq mtq
        """;

    const string Zsh = """
        #compdef mtq
        # mtq completion for zsh: eval "$(mtq completion zsh)"
        _mtq() {
          local -a found
          found=("${(@f)$(mtq "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
          found=(${found:#})
          compadd -- $found
        }
        compdef _mtq mtq
        """;

    const string Fish = """
        # mtq completion for fish: mtq completion fish | source
        function __mtq_complete
          set -l line (commandline -cp)
          mtq "[suggest:"(string length -- $line)"]" "$line" 2>/dev/null
        end
        complete -c mtq -f -a '(__mtq_complete)'
        """;

    const string Pwsh = """
        # mtq completion for PowerShell: mtq completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName mtq -ScriptBlock {
          param($word, $tree, $position)
          mtq "[suggest:$position]" "$tree" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
          }
        }
        """;

    public static Command Create(ToolConsole console)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or pwsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        return new Verb(console, "completion", "Prints a script that completes verbs, options and names of queues.", "completion bash")
            .With(shell)
            .Does((result, session, _) =>
            {
                session.Output.Text(result.GetValue(shell) switch
                {
                    "bash" => Bash,
                    "zsh" => Zsh,
                    "fish" => Fish,
                    _ => Pwsh,
                });
                return Task.FromResult(ExitCode.Done);
            });
    }
}
