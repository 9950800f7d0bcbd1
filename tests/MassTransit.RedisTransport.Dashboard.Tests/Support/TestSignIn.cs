using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MassTransit.RedisTransport.Dashboard.Tests.Support;

/// <summary>
/// Signs in whoever says so, in a cookie or a header: <c>user=ann; rights=View.Operate</c>. For each right there is a policy of its name.
/// </summary>
public static class TestSignIn
{
    public const string Scheme = "Test";

    public static readonly string[] Rights = ["View", "ViewPayload", "Operate", "Edit", "Destroy"];

    public static void Add(IServiceCollection services)
    {
        services.AddAuthentication(Scheme).AddScheme<AuthenticationSchemeOptions, Handler>(Scheme, null);
        var authorization = services.AddAuthorizationBuilder();
        foreach (var right in Rights)
            authorization.AddPolicy($"may-{right}", x => x.RequireAuthenticatedUser().RequireClaim("right", right));
    }

    /// <summary>Each right asks for its policy.</summary>
    public static void UsePolicies(RedisDashboardOptions options)
    {
        options.View = "may-View";
        options.ViewPayload = "may-ViewPayload";
        options.Operate = "may-Operate";
        options.Edit = "may-Edit";
        options.Destroy = "may-Destroy";
    }

    /// <summary>The header of a signed-in request.</summary>
    public static string Of(string user, params string[] rights) => $"{user}:{string.Join('.', rights)}";

    sealed class Handler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var text = Request.Headers["X-Test-User"] is [{ } header] ? header : Request.Cookies["test-user"];
            if (text?.Split(':') is not [var user, var rights])
                return Task.FromResult(AuthenticateResult.NoResult());
            var identity = new ClaimsIdentity(
                [new Claim(ClaimTypes.Name, user), .. rights.Split('.').Select(x => new Claim("right", x))], TestSignIn.Scheme);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), TestSignIn.Scheme)));
        }
    }
}
