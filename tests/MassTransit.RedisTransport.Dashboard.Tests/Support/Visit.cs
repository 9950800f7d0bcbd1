using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace MassTransit.RedisTransport.Dashboard.Tests.Support;

/// <summary>
/// A browser window on the dashboard. At its end it fails if the console had an error, the content policy was violated, a dialog was
/// opened, a script of a message has run, or a request went to another host.
/// </summary>
public sealed class Visit : IAsyncDisposable
{
    readonly ConcurrentQueue<string> _problems = new();
    readonly IBrowserContext _context;

    Visit(IBrowserContext context, IPage page, string origin)
    {
        _context = context;
        Page = page;
        Origin = origin;
    }

    public IPage Page { get; }

    public string Origin { get; }

    /// <summary>Statuses that the test expects: the console tells of each answer that is an error.</summary>
    public HashSet<int> Expected { get; } = [200, 303, 304];

    /// <summary>The console tells of a server that is away, too.</summary>
    public bool MayLoseItsServer { get; set; }

    public static async Task<Visit> BeginAsync(string origin, Action<BrowserNewContextOptions>? configure = null)
    {
        var browser = await Chromium.BrowserAsync();
        var options = new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 900 } };
        configure?.Invoke(options);
        var context = await browser.NewContextAsync(options);
        context.SetDefaultTimeout(60_000);
        if (options.JavaScriptEnabled != false)
        {
            await context.AddInitScriptAsync(
                "addEventListener('securitypolicyviolation', e => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`));");
        }

        var visit = new Visit(context, await context.NewPageAsync(), origin);
        visit.Watch();
        return visit;
    }

    public Task<IResponse?> GoAsync(string path) => Page.GotoAsync(Origin + path);

    public Task<string> TextAsync() => Page.Locator("main").InnerTextAsync();

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name });

    public ILocator Link(string name) => Page.Locator("main, header").GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = name });

    /// <summary>An operation was started, and this is its page.</summary>
    public Task AssertStartedAsync() => Assertions.Expect(Page.GetByText("The operation has started.")).ToBeVisibleAsync();

    public async ValueTask DisposeAsync()
    {
        if (await HitAsync() is { } hit)
            _problems.Enqueue($"A script of a message has run: {hit}");
        await _context.DisposeAsync();
        Assert.True(_problems.IsEmpty, string.Join('\n', _problems));
    }

    void Watch()
    {
        Page.Console += (_, message) =>
        {
            // Of plain HTTP a browser takes no such header, and says so.
            if (message.Type == "error" && !message.Text.StartsWith("The Cross-Origin-Opener-Policy header has been ignored",
                StringComparison.Ordinal) && !(MayLoseItsServer && message.Text.Contains("net::ERR_", StringComparison.Ordinal))
                && !Expected.Any(x => message.Text.Contains($"status of {x} ", StringComparison.Ordinal)))
                _problems.Enqueue($"console: {message.Text} ({Page.Url})");
        };
        Page.PageError += (_, error) => _problems.Enqueue($"script: {error}");
        Page.Dialog += (_, dialog) =>
        {
            _problems.Enqueue($"dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(Origin, StringComparison.Ordinal))
                _problems.Enqueue($"request to {request.Url}");
        };
    }

    async Task<string?> HitAsync()
    {
        try
        {
            return await Page.EvaluateAsync<string?>("() => window.__hit ? String(window.__hit) : null");
        }
        catch (PlaywrightException)
        {
            // Without scripts, or on a page that could not be loaded, nothing has run.
            return null;
        }
    }
}
