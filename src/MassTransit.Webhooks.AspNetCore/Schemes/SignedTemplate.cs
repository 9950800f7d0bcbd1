using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// The bytes that a sender signs, as a text with parts of the request in it. The bytes must be readable in only one way, or a part of the
/// id could become a part of the body under the same signature. <see cref="TemplateRules"/> refuses templates that could not be, and
/// <see cref="IsUnambiguous"/> refuses values that would not be.
/// </summary>
internal sealed class SignedTemplate
{
    public const string Body = "{body}";
    public const string Form = "{form}";
    public const string Id = "{id}";
    public const string Method = "{method}";
    public const string Timestamp = "{timestamp}";
    public const string Url = "{url}";

    static readonly string[] Names = [Body, Form, Id, Method, Timestamp, Url];

    readonly string[] _parts;
    readonly TemplateRules _rules;

    /// <exception cref="ArgumentException">The template could be read in more than one way, or does not sign the content.</exception>
    /// <param name="template">The text.</param>
    /// <param name="idLength">How many characters every id has; <c>null</c>: any number.</param>
    /// <param name="hasBodyHash">Whether the address has the body's hash in its query.</param>
    public SignedTemplate(string template, int? idLength = null, bool hasBodyHash = false)
    {
        _parts = [.. Split(template)];
        _rules = new TemplateRules(template, _parts, idLength, hasBodyHash);
    }

    public bool UsesId => _parts.Contains(Id);

    public bool UsesTimestamp => _parts.Contains(Timestamp);

    public bool UsesUrl => _parts.Contains(Url);

    public bool UsesForm => _parts.Contains(Form);

    /// <summary>Whether the length of a timestamp says where it ends, because no separator does.</summary>
    public bool HasTightTimestamp => _rules.HasTightTimestamp;

    /// <summary>
    /// Whether an id can stand in the template without another reading. Otherwise it contains a separator, an unpaired surrogate (which is
    /// encoded as another character), or has another length than all ids.
    /// </summary>
    public bool IsIdUnambiguous(string id) => _rules.Allows(id);

    /// <summary>Whether the signed bytes can be read in only one way with this address and body.</summary>
    public bool IsUnambiguous(in SignedValues values) => values.IsUrlFixed || _rules.Separates(values.Url, values.Body.Span);

    /// <summary>Computes the code of a request.</summary>
    public byte[] Compute(HashAlgorithmName algorithm, byte[] key, in SignedValues values)
    {
        if (_parts is [Body])
            return CryptographicOperations.HmacData(algorithm, key, values.Body.Span);

        using var hash = IncrementalHash.CreateHMAC(algorithm, key);
        foreach (var part in _parts)
        {
            if (part == Body)
                hash.AppendData(values.Body.Span);
            else
                hash.AppendData(Encoding.UTF8.GetBytes(values.Of(part)));
        }

        return hash.GetHashAndReset();
    }

    static List<string> Split(string template)
    {
        var parts = new List<string>();
        for (var i = 0; i < template.Length;)
        {
            var brace = template.IndexOf('{', i);
            if (brace != i)
            {
                var literal = brace < 0 ? template[i..] : template[i..brace];
                parts.Add(literal);
                i += literal.Length;
                continue;
            }

            var part = Array.Find(Names, x => template.AsSpan(i).StartsWith(x, StringComparison.Ordinal))
                ?? throw new ArgumentException(
                    $"The template '{template}' has a brace that begins none of {string.Join(", ", Names)}.", nameof(template));
            parts.Add(part);
            i += part.Length;
        }

        return parts;
    }
}

/// <summary>The parts of one request that a template may sign.</summary>
internal readonly record struct SignedValues
{
    public required ReadOnlyMemory<byte> Body { get; init; }

    public string Id { get; init; }

    public string Timestamp { get; init; }

    public string Method { get; init; }

    public string Url { get; init; }

    /// <summary>Whether no sender can choose the address.</summary>
    public bool IsUrlFixed { get; init; }

    /// <summary>The fields of a form, sorted and joined.</summary>
    public string Form { get; init; }

    public string Of(string part) => part switch
    {
        SignedTemplate.Id => Id,
        SignedTemplate.Timestamp => Timestamp,
        SignedTemplate.Method => Method,
        SignedTemplate.Url => Url,
        SignedTemplate.Form => Form,
        _ => part,
    };
}
