using Spectre.Console;
using Spectre.Console.Rendering;

namespace Quickstart.Display;

/// <summary>Where things are shown.</summary>
interface IScreen
{
    void Heading(string text);

    void Line(string text);

    void Show(IRenderable renderable);

    /// <summary>Shows figures for as long as the work goes on.</summary>
    Task WatchAsync(Func<Task<Figures>> read, Func<Task> work);
}

/// <summary>Chooses the screen.</summary>
static class Screen
{
    /// <summary>Live figures at a terminal, plain lines in a file, a pipe or a build.</summary>
    public static IScreen Create() =>
        Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"))
            ? new PlainScreen()
            : new LiveScreen();
}
