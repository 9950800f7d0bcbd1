using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MassTransit.RedisTransport.Tool.Output;
using MassTransit.Webhooks.AspNetCore;
using Microsoft.AspNetCore.Http;

namespace MassTransit.RedisTransport.Tool.Signing;

/// <summary>Says why a request is refused. A signature that does not match is tried with what usually goes wrong on the way.</summary>
static class Diagnosis
{
    const int LargestTried = 4 * 1024 * 1024;

    public static IReadOnlyList<string> Explain(SchemeKind kind, IngressReason reason, IHeaderDictionary headers, byte[] body,
        IReadOnlyList<string> secrets, DateTimeOffset now, TimeSpan tolerance) => reason switch
        {
            IngressReason.Accepted => [],
            IngressReason.SignatureMissing => [$"There is no header {kind.ProofHeaders[0]}."],
            IngressReason.SignatureMalformed =>
                [$"{kind.ProofHeaders[0]} is there, and not in the form of {kind.Name}: another prefix or encoding, or twice."],
            IngressReason.IdMissing => ["The header with the id is missing, and the id is signed."],
            IngressReason.IdMalformed => ["The id is there twice, or contains a separator of what is signed."],
            IngressReason.TimestampMissing => ["The time of sending is missing, and is signed."],
            IngressReason.TimestampMalformed => ["The time of sending is no number of seconds since 1970, or is there twice."],
            IngressReason.TimestampOutsideWindow => [Age(kind, headers, now, tolerance)],
            IngressReason.BodyEmpty => ["The body is empty. A receiver takes that only with AllowEmptyBody."],
            IngressReason.SecretsUnavailable => [secrets.Count == 0
                ? "There is no secret to verify with: MTQ_SECRET, --secret-env or --secret-file."
                : $"No secret can be used: the first one {kind.Scheme.FindSecretError(secrets[0])}."],
            _ => Mismatch(kind, headers, body, secrets, now, tolerance),
        };

    static string Age(SchemeKind kind, IHeaderDictionary headers, DateTimeOffset now, TimeSpan tolerance)
    {
        // The window in which the request would pass says how far it is off, for every scheme in the same way.
        for (var seconds = Math.Max(1, (long)tolerance.TotalSeconds); seconds < TimeSpan.FromDays(3650).TotalSeconds; seconds *= 2)
        {
            if (!IsTooOld(kind, headers, now, seconds))
                return $"The time of sending is off by {Exact(kind, headers, now, seconds / 2, seconds)}, and {Durations.Show(tolerance)} "
                    + $"are allowed: it is a stale or captured request, or a clock is wrong.";
        }

        return "The time of sending is years off.";
    }

    static string Exact(SchemeKind kind, IHeaderDictionary headers, DateTimeOffset now, long low, long high)
    {
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (IsTooOld(kind, headers, now, middle))
                low = middle;
            else
                high = middle;
        }

        return Durations.Show(TimeSpan.FromSeconds(high));
    }

    static bool IsTooOld(SchemeKind kind, IHeaderDictionary headers, DateTimeOffset now, long seconds) =>
        kind.Scheme.Precheck(SenderVerdict.RequestOf(headers, default, [], now, TimeSpan.FromSeconds(seconds)))
            == WebhookVerdict.TimestampOutsideWindow;

    static IReadOnlyList<string> Mismatch(SchemeKind kind, IHeaderDictionary headers, byte[] body, IReadOnlyList<string> secrets,
        DateTimeOffset now, TimeSpan tolerance)
    {
        if (kind.Name == "token")
            return ["The token is another one."];
        bool Passes(byte[] bytes, IReadOnlyList<string> keys) =>
            kind.Scheme.Verify(SenderVerdict.RequestOf(headers, bytes, keys, now, tolerance)).Verdict == WebhookVerdict.Accepted;

        if (body.Length <= LargestTried)
        {
            foreach (var (bytes, cause) in Bodies(body))
            {
                if (Passes(bytes, secrets))
                    return [$"The signature is that of the body {cause}"];
            }

            foreach (var (keys, cause) in Keys(secrets))
            {
                if (Passes(body, keys))
                    return [$"The signature is right {cause}"];
            }
        }

        return
        [
            "The signature is not that of this body with this secret.",
            "Neither line breaks, a byte order mark, JSON that was written again, nor white space, quotes or an encoding of the secret "
                + "explain it: the secret is another one, or the body is.",
        ];
    }

    static IEnumerable<(byte[] Body, string Cause)> Bodies(byte[] body)
    {
        if (body is [.., (byte)'\n'])
            yield return (body[..^(body is [.., (byte)'\r', _] ? 2 : 1)],
                "without the line break at its end: something has added it (echo, an editor).");
        yield return ([.. body, (byte)'\n'], "with a line break at its end: something has cut it off (a shell's $(...)).");
        var text = Encoding.Latin1.GetString(body);
        if (text.Contains("\r\n", StringComparison.Ordinal))
            yield return (Encoding.Latin1.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal)),
                "with LF instead of CR LF: something has changed its line breaks.");
        else if (text.Contains('\n', StringComparison.Ordinal))
            yield return (Encoding.Latin1.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal)),
                "with CR LF instead of LF: something has changed its line breaks.");
        if (body is [0xEF, 0xBB, 0xBF, ..])
            yield return (body[3..], "without its byte order mark: something has added it.");
        yield return ([0xEF, 0xBB, 0xBF, .. body], "with a byte order mark in front: something has cut it off.");
        foreach (var written in Rewritten(body))
            yield return (written, "with other white space or escapes in its JSON: something has parsed it and written it again. Verify "
                + "and forward the raw bytes.");
    }

    /// <summary>The forms that libraries write the same JSON in; none if the body is no JSON that could be written again.</summary>
    static List<byte[]> Rewritten(byte[] body)
    {
        var forms = new List<byte[]>();
        try
        {
            using var document = JsonDocument.Parse(body);
            foreach (var encoder in new[] { JavaScriptEncoder.UnsafeRelaxedJsonEscaping, JavaScriptEncoder.Default })
            {
                foreach (var indent in new[] { 0, 2, 4 })
                    forms.Add(Write(document, encoder, indent));
            }

            // Python's json.dumps puts a space behind commas and colons.
            forms.Add(Encoding.UTF8.GetBytes(Spaced(document.RootElement)));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // Texts that are no UTF-8, halves of pairs: nothing can have written them.
        }

        return forms;
    }

    static byte[] Write(JsonDocument document, JavaScriptEncoder encoder, int indent)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions
        {
            Encoder = encoder,
            Indented = indent > 0,
            IndentSize = Math.Max(1, indent),
            NewLine = "\n",
        }))
        {
            document.WriteTo(writer);
        }

        return buffer.ToArray();
    }

    static string Spaced(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(", ", element.EnumerateObject().Select(x =>
            string.Create(CultureInfo.InvariantCulture, $"{JsonSerializer.Serialize(x.Name)}: {Spaced(x.Value)}")))}}}",
        JsonValueKind.Array => $"[{string.Join(", ", element.EnumerateArray().Select(Spaced))}]",
        _ => element.GetRawText(),
    };

    static IEnumerable<(IReadOnlyList<string> Keys, string Cause)> Keys(IReadOnlyList<string> secrets)
    {
        foreach (var secret in secrets)
        {
            if (secret.Trim() is { Length: > 0 } trimmed && trimmed != secret)
                yield return ([trimmed], "if the white space around the secret is taken away: write the secret without it.");
            if (secret.Trim('"', '\'') is { Length: > 0 } unquoted && unquoted != secret)
                yield return ([unquoted], "if the quotes around the secret are taken away.");
            yield return ([$"{secret}\n"], "if a line break is added to the secret: the sender's secret ends with one.");
            if (secret.StartsWith("whsec_", StringComparison.Ordinal))
                yield return ([secret["whsec_".Length..]], "without whsec_ in front of the secret.");
            else
                yield return ([$"whsec_{secret}"], "with whsec_ in front of the secret.");
            yield return ([Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))],
                "if the secret is encoded in base64: the sender takes the text.");
            yield return ([$"whsec_{Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))}"],
                "if the secret is encoded in base64: the sender takes the text.");
        }
    }
}
