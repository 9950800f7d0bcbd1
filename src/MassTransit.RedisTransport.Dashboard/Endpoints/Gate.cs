using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Diagnostics;
using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>
/// Stands in front of every endpoint: headers, rights, where the request comes from; and makes an answer of what fails behind it. It is
/// a part of the endpoint itself, so that nothing a host does with its groups can take it away.
/// </summary>
/// <param name="board">The dashboard.</param>
/// <param name="ownSegments">How many segments of the address are the endpoint's own.</param>
/// <param name="rights">What it asks for, all of them.</param>
/// <param name="action">What a refusal is called in the audit.</param>
/// <param name="handler">What is behind it.</param>
internal sealed class Gate(Board board, int ownSegments, Right[] rights, string action, Func<OpsRequest, Task<Answer>> handler)
{
    /// <summary>A form of the dashboard is small.</summary>
    const long MaxBody = 1024 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        SecurityHeaders.Apply(context.Response);
        var viewer = await board.Rules.FindAsync(context).ConfigureAwait(false);
        var request = new OpsRequest(context, board, viewer, new Links(RootOf(context)));
        if (Missing(viewer) is { } missing && viewer.MustSignIn && await SignInAsync(context, missing).ConfigureAwait(false))
            return;
        if (Refusal(context, viewer) is { } refusal)
        {
            if (viewer.Can(Right.View))
                await Audited.DenyAsync(request, action).ConfigureAwait(false);
            await Answer.Of(refusal).WriteAsync(request).ConfigureAwait(false);
            return;
        }

        try
        {
            var answer = await handler(request).ConfigureAwait(false);
            await answer.WriteAsync(request).ConfigureAwait(false);
        }
        catch (Exception exception) when (!context.Response.HasStarted && !request.Aborted.IsCancellationRequested)
        {
            await Answer.Of(Explain(exception, request)).WriteAsync(request).ConfigureAwait(false);
        }
    }

    /// <summary>The first right that the viewer does not have; <c>null</c>: they have all.</summary>
    Right? Missing(Viewer viewer) => rights.Where(x => !viewer.Can(x)).Cast<Right?>().FirstOrDefault();

    ProblemPage? Refusal(HttpContext context, Viewer viewer)
    {
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (!isRead && board.Rules.IsReadOnly)
            return Forbidden("This dashboard is read-only.");
        if (Missing(viewer) is { } missing)
            return Forbidden($"It needs the right {missing}, which {viewer.Name} does not have.");
        if (SameOrigin.Problem(context.Request, board.Settings.PublicOrigin) is { } problem)
            return Forbidden(problem);
        if (!isRead && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MaxBody;
        return null;

        static ProblemPage Forbidden(string detail) => new(StatusCodes.Status403Forbidden, "Not allowed", detail);
    }

    ProblemPage Explain(Exception exception, OpsRequest request)
    {
        switch (exception)
        {
            case AwayException { Since: { } since } away:
                return new ProblemPage(StatusCodes.Status503ServiceUnavailable, "Redis does not answer",
                    $"{away.Message} No answer since {Formats.Time(since)} ({Formats.Duration(board.Now - since)}).");
            case AwayException:
                return new ProblemPage(StatusCodes.Status503ServiceUnavailable, "Redis refuses", exception.Message);
            case UnfinishedException:
                return new ProblemPage(StatusCodes.Status504GatewayTimeout, "Not all is done", exception.Message);
            case MissingException or RedisQueueNotFoundException:
                return new ProblemPage(StatusCodes.Status404NotFound, "Not found", exception.Message);
            case RedisOperationRunningException running:
                return new ProblemPage(StatusCodes.Status409Conflict, "Not possible", running.Message)
                {
                    See = (request.Links.Operation(running.Running), "To that operation"),
                };
            case RedisConflictException or ConflictException:
                return new ProblemPage(StatusCodes.Status409Conflict, "Not possible", exception.Message);
            case BadQueryException:
                return new ProblemPage(StatusCodes.Status400BadRequest, "Not understood", exception.Message);
            // What the transport says of a name, a key or a cursor. Nothing but these comes from the address.
            case ArgumentException { Message: var message } argument:
                var end = message.LastIndexOf(" (Parameter", StringComparison.Ordinal);
                return new ProblemPage(argument.ParamName is "cursor" or "keys" or "limit" or "offset" or "duration" or "edit"
                    ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound, "Not found", end < 0 ? message : message[..end]);
            case BadHttpRequestException bad:
                return new ProblemPage(bad.StatusCode, "Not understood", bad.Message);
            case InvalidDataException:
                return new ProblemPage(StatusCodes.Status400BadRequest, "Not understood", "The form cannot be read.");
            case ApplicationCodeException code:
                LogMessages.Failed(board.Logger, VisibleText.Of(request.Http.Request.Path.Value), code);
                return new ProblemPage(StatusCodes.Status500InternalServerError, "The page has failed",
                    $"{code.Message} The log of the process that serves the dashboard has the exception.");
            default:
                LogMessages.Failed(board.Logger, VisibleText.Of(request.Http.Request.Path.Value), exception);
                return new ProblemPage(StatusCodes.Status500InternalServerError, "The page has failed",
                    "The log of the process that serves the dashboard says why.");
        }
    }

    /// <returns>False if the host has no way to sign in.</returns>
    async Task<bool> SignInAsync(HttpContext context, Right right)
    {
        var schemes = await board.Rules.SchemesAsync(context, right).ConfigureAwait(false);
        if (schemes.Count > 0)
        {
            foreach (var scheme in schemes)
                await context.ChallengeAsync(scheme).ConfigureAwait(false);
            return true;
        }

        var provider = context.RequestServices.GetService<IAuthenticationSchemeProvider>();
        if (provider is null || await provider.GetDefaultChallengeSchemeAsync().ConfigureAwait(false) is null)
            return false;
        await context.ChallengeAsync().ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// What the addresses of all pages begin with. The endpoint's pattern ends with its own segments; those before them are where the
    /// dashboard is mapped, as the request has written them.
    /// </summary>
    string RootOf(HttpContext context)
    {
        if (board.Settings.PublicPath is { } publicPath)
            return publicPath;
        var before = context.GetEndpoint() is RouteEndpoint endpoint ? endpoint.RoutePattern.PathSegments.Count - ownSegments : 0;
        var segments = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries).Take(before);
        return context.Request.PathBase.ToUriComponent() + string.Concat(segments.Select(x => "/" + Uri.EscapeDataString(x)));
    }
}
