using Microsoft.Playwright;

namespace MassTransit.RedisTransport.Dashboard.Tests.Support;

/// <summary>
/// One browser for the assembly: a real Chromium, of Debian's package or of the variable TEST_CHROMIUM. Its driver comes with the package
/// of Playwright, so nothing is downloaded.
/// </summary>
public static class Chromium
{
    static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    static readonly Lazy<Task<IBrowser>> LazyBrowser = new(LaunchAsync);

    static string? Path => Environment.GetEnvironmentVariable("TEST_CHROMIUM") is { Length: > 0 } named
        ? named : Array.Find(Places, File.Exists);

    public static Task<IBrowser> BrowserAsync()
    {
        Skip.If(Path is null, "There is no Chromium: install Debian's package chromium, or set TEST_CHROMIUM.");
        return LazyBrowser.Value;
    }

    static async Task<IBrowser> LaunchAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Path,
            // Names of other hosts that lead here: the browser takes only localhost for trustworthy.
            Args = ["--no-sandbox", "--host-resolver-rules=MAP *.test 127.0.0.1", "--disable-dev-shm-usage"],
        });
        AppDomain.CurrentDomain.ProcessExit += (_, _) => playwright.Dispose();
        return browser;
    }
}
