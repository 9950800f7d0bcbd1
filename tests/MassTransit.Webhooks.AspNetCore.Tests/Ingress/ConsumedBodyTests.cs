using System.Net;
using System.Text;
using MassTransit.Webhooks.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MassTransit.Webhooks.AspNetCore.Tests.Ingress;

/// <summary>
/// A form reader in front of the ingress once had every sender of forms told, for good, that its body was empty (400): to many senders that
/// is final, and their webhooks were lost. It is this application's fault, and senders are asked to try again.
/// </summary>
public class ConsumedBodyTests
{
    const string Secret = "a-secret-of-the-tests";
    const string Form = "command=%2Fx&text=y&_method=PUT";

    static readonly Dictionary<string, (bool IsBack, Action<WebApplication> Add)> Middleware = new()
    {
        ["read to the end"] = (false, app => app.Use(async (context, next) =>
        {
            await new StreamReader(context.Request.Body, leaveOpen: true).ReadToEndAsync();
            await next(context);
        })),
        ["read and closed"] = (false, app => app.Use(async (context, next) =>
        {
            using (var reader = new StreamReader(context.Request.Body))
                await reader.ReadToEndAsync();
            await next(context);
        })),
        ["pipe completed"] = (false, app => app.Use(async (context, next) =>
        {
            await context.Request.BodyReader.CompleteAsync();
            await next(context);
        })),
        ["read in part"] = (false, app => app.Use(async (context, next) =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[5]);
            await next(context);
        })),
        ["read as a form"] = (false, app => app.Use(async (context, next) =>
        {
            await context.Request.ReadFormAsync();
            await next(context);
        })),
        ["HTTP method override"] = (false, app => app.UseHttpMethodOverride(new HttpMethodOverrideOptions { FormFieldName = "_nothing" })),
        ["buffered, read and not rewound"] = (true, app => app.Use(async (context, next) =>
        {
            context.Request.EnableBuffering();
            await new StreamReader(context.Request.Body, leaveOpen: true).ReadToEndAsync();
            await next(context);
        })),
        ["buffered and read as a form"] = (true, app => app.Use(async (context, next) =>
        {
            context.Request.EnableBuffering();
            await context.Request.ReadFormAsync();
            await next(context);
        })),
        ["buffered, read and closed"] = (false, app => app.Use(async (context, next) =>
        {
            context.Request.EnableBuffering();
            using (var reader = new StreamReader(context.Request.Body))
                await reader.ReadToEndAsync();
            await next(context);
        })),
        ["replaced by its copy"] = (true, app => app.Use(async (context, next) =>
        {
            var copy = new MemoryStream();
            await context.Request.Body.CopyToAsync(copy);
            context.Request.Body = copy;
            await next(context);
        })),
    };

    public static TheoryData<string, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, bool>();
            foreach (var name in Middleware.Keys)
            {
                foreach (var framing in new[] { "length", "chunks", "HTTP/2" })
                {
                    cases.Add(name, framing, true);
                    cases.Add(name, framing, false);
                }
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Body_that_a_middleware_has_read_is_read_again_or_the_sender_is_asked_to_try_again(string middleware, string framing,
        bool signsBody)
    {
        var (isBack, add) = Middleware[middleware];
        await using var receivers = await Receivers.StartAsync(b =>
        {
            b.WebHost.ConfigureKestrel(o =>
                o.ConfigureEndpointDefaults(e => e.Protocols = framing == "HTTP/2" ? HttpProtocols.Http2 : HttpProtocols.Http1));
            b.Services.AddWebhookReceiver("r",
                r => _ = signsBody ? r.GitHub(o => o.Secrets.Add(Secret)) : r.Token(configure: o => o.Secrets.Add(Secret)));
        }, pipeline: add);
        if (framing == "HTTP/2")
            (receivers.Client.DefaultRequestVersion, receivers.Client.DefaultVersionPolicy) =
                (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        HttpContent content = framing == "length"
            ? new ByteArrayContent(Encoding.UTF8.GetBytes(Form)) : new StreamContent(new Unsized(Form));
        var proof = signsBody ? Sign.GitHub(Secret, Form) : ("X-Gitlab-Token", Secret);
        var answer = await receivers.SendAsync("r", HttpMethod.Post, content, proof, ("Content-Type", "application/x-www-form-urlencoded"));

        if (isBack)
        {
            answer.Is(202);
            Assert.Equal(Form, Encoding.UTF8.GetString(Assert.Single(receivers.Queue.Received).Webhook.Body));
        }
        else if (middleware == "read in part" && framing != "length")
        {
            // Nobody can tell that it is not all: the signature can, and a token signs nothing.
            Assert.Equal(signsBody ? 401 : 202, (int)answer.Status);
        }
        else
        {
            answer.Is(503, "body-consumed");
            Assert.NotNull(answer.RetryAfter);
            Assert.Empty(receivers.Queue.Received);
            Assert.Contains(receivers.Logs.Lines, x => x.StartsWith("Error ", StringComparison.Ordinal)
                && x.Contains("something in front of MapWebhooks has read the body", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Body_that_the_sender_has_left_empty_is_its_own_fault()
    {
        await using var receivers =
            await Receivers.StartAsync(b => b.Services.AddWebhookReceiver("r", r => r.GitHub(o => o.Secrets.Add(Secret))));
        (await receivers.PostAsync("r", "", Sign.GitHub(Secret, ""))).Is(400, "body-empty");
        (await receivers.SendAsync("r", HttpMethod.Post, new StreamContent(new Unsized("")), Sign.GitHub(Secret, "")))
            .Is(400, "body-empty");
    }

    sealed class Unsized(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override bool CanSeek => false;
    }
}
