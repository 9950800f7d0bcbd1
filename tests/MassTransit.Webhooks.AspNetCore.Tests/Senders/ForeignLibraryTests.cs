using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace MassTransit.Webhooks.AspNetCore.Tests.Senders;

/// <summary>
/// The senders' own libraries and our schemes look at the same requests, right and wrong ones, and must come to the same verdict.
/// </summary>
[Trait("Needs", "Node")]
public class ForeignLibraryTests(ITestOutputHelper output)
{
    const string Secret = "a-secret-of-some-length";
    const string StandardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const string Address = "https://hooks.example.com/webhooks/r?foo=1&bar=a%20b";

    static readonly string[] Bodies =
    [
        "{}",
        """{"id":"1","type":"t","webhookTimestamp":NOW}""",
        """{ "id" : "1" ,   "webhookTimestamp": NOW, "a" : [ 1, 2.50, 1e3 ] }""",
        """{"webhookTimestamp":NOW,"text":"Grüße, 世界 😀 \u00e9 \/ \n"}""",
        "{\r\n  \"webhookTimestamp\": NOW,\r\n  \"a\": \"b\"\r\n}\r\n",
        $$"""{"webhookTimestamp":NOW,"long":"{{new string('x', 100_000)}}"}""",
        """{"webhookTimestamp":NOW,"id":12345678901234567890,"a":"\"quoted\" \\ <b>&amp;</b>"}""",
    ];

    static readonly string[] Forms =
    [
        "CallSid=CA1&Caller=%2B14158675310&Digits=1234",
        "B=2&A=1&a=3&%C3%84=%C3%A4",
        "Text=a+b%20c%26d%3De&Empty=&Tail=%F0%9F%98%80",
        "A=1&A=2&A=1&B=x",
    ];

    [SkippableFact]
    public async Task Senders_own_libraries_come_to_the_same_verdicts()
    {
        var (judges, missing) = await Judges.StartAsync();
        Skip.If(judges is null, missing);
        using (judges)
        {
            var (accepted, refused) = (0, 0);
            foreach (var sender in new[] { "github", "hubspot", "line", "linear", "paddle", "square", "standard", "stripe", "twilio",
                "twilio json" })
            {
                foreach (var template in sender == "twilio" ? Forms : Bodies)
                {
                    foreach (var request in Variants(sender, template))
                    {
                        var theirs = await judges.AcceptsAsync(sender, request.Secret, request.Headers, request.Address, request.Body);
                        var ours = Verify(sender, request);
                        Assert.True(theirs == ours, $"{sender}, {request.What}: theirs {theirs}, ours {ours}: {Shorten(request.Body)}");
                        // What is signed rightly and comes in time is accepted, or both could refuse all.
                        Assert.True(theirs == (request.What == "right") || (sender, template) == ("linear", "{}"),
                            $"{sender}, {request.What}: {theirs}: {Shorten(request.Body)}");
                        _ = theirs ? accepted++ : refused++;
                    }
                }
            }

            output.WriteLine($"{accepted + refused} requests: {accepted} accepted and {refused} refused, by the libraries and by us.");
        }
    }

    static IEnumerable<Request> Variants(string sender, string template)
    {
        var right = Make(sender, template, DateTimeOffset.UtcNow, "right");
        yield return right;
        yield return right with { What = "another body", Body = right.Body[..^1] + (right.Body[^1] == '}' ? " }" : "9") };
        yield return right with { What = "another secret", Secret = right.Secret[..^2] + "zz" };
        foreach (var (name, value) in right.Headers.Where(x => x.Key.Contains("sign", StringComparison.Ordinal) && !IsTime(x.Key)))
        {
            var at = value.Length - 10;
            var changed = value[..at] + (value[at] == 'a' ? 'b' : 'a') + value[(at + 1)..];
            yield return right with { What = $"{name} changed", Headers = new(right.Headers) { [name] = changed } };
        }

        foreach (var name in right.Headers.Keys.Where(IsTime))
        {
            var later = (long.Parse(right.Headers[name], CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
            yield return right with { What = $"{name} changed", Headers = new(right.Headers) { [name] = later } };
        }

        if (sender is "hubspot" or "linear" or "paddle" or "standard" or "stripe")
            yield return Make(sender, template, DateTimeOffset.UtcNow.AddHours(-1), "an hour old");
        if (sender is "square" or "twilio" or "twilio json" or "hubspot")
            yield return right with
            {
                What = "another address",
                Address = right.Address.Replace("hooks", "hook", StringComparison.Ordinal)
            };
    }

    static bool IsTime(string header) => header.Contains("timestamp", StringComparison.Ordinal);

    static Request Make(string sender, string template, DateTimeOffset now, string what)
    {
        var body = template.Replace("NOW", now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var address = sender == "twilio json"
            ? $"{Address}&bodySHA256={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}" : Address;
        var secret = sender == "standard" ? StandardSecret : Secret;
        var signed = new SignedRequest(secret, body, now, address);
        (string Name, string Value)[] headers = sender switch
        {
            "github" => [("x-hub-signature-256", $"sha256={signed.Hex(body)}")],
            "stripe" => [("stripe-signature", $"t={signed.Seconds},v1={signed.Hex($"{signed.Seconds}.{body}")}")],
            "standard" =>
            [
                ("webhook-id", "msg_1"), ("webhook-timestamp", signed.Seconds),
                ("webhook-signature", "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[6..]),
                    Encoding.UTF8.GetBytes($"msg_1.{signed.Seconds}.{body}")))),
            ],
            // Twilio joins what comes under one name without repeats, in order.
            "twilio" => [("x-twilio-signature", signed.Base64Sha1(address + Joined(body)))],
            "linear" => [("linear-signature", signed.Hex(body))],
            "hubspot" =>
            [
                ("x-hubspot-signature-v3", signed.Base64($"POST{address}{body}{signed.Milliseconds}")),
                ("x-hubspot-request-timestamp", signed.Milliseconds),
            ],
            _ => [.. KnownSender.Of(sender).Sign(signed).Select(x => (x.Name.ToLowerInvariant(), x.Value))],
        };
        return new Request(what, secret, body, address, headers.ToDictionary(x => x.Name, x => x.Value, StringComparer.Ordinal));
    }

    static string Joined(string form) => string.Concat(form.Split('&')
        .Select(x => x.Split('=').Select(y => Uri.UnescapeDataString(y.Replace('+', ' '))).ToArray())
        .GroupBy(x => x[0], x => x[1]).OrderBy(x => x.Key, StringComparer.Ordinal)
        .SelectMany(x => x.Distinct().Order(StringComparer.Ordinal).Select(y => x.Key + y)));

    static bool Verify(string sender, Request request)
    {
        var headers = new HeaderDictionary
        {
            ["Content-Type"] = sender == "twilio" ? "application/x-www-form-urlencoded" : "application/json",
        };
        foreach (var (name, value) in request.Headers)
            headers[name] = value;
        var definition = new ReceiverDefinition("r");
        var builder = new WebhookReceiverBuilder(new ServiceCollection(), definition);
        _ = sender switch
        {
            "github" => builder.GitHub(),
            "standard" => builder.StandardWebhooks(),
            "stripe" => builder.Stripe(),
            _ => With(builder, KnownSender.Of(sender)),
        };
        return ((ImmediateScheme)definition.Scheme!).Verify(new WebhookRequest
        {
            Headers = headers,
            Body = Encoding.UTF8.GetBytes(request.Body),
            Secrets = [request.Secret],
            Now = DateTimeOffset.UtcNow,
            Addresses = [request.Address],
        }).Verdict == WebhookVerdict.Accepted;
    }

    static WebhookReceiverBuilder With(WebhookReceiverBuilder builder, KnownSender sender)
    {
        sender.Add(builder, _ => { });
        return builder;
    }

    static string Shorten(string body) => body.Length <= 200 ? body : body[..200];

    sealed record Request(string What, string Secret, string Body, string Address, Dictionary<string, string> Headers);
}
