using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>The bytes that a sender signs, as a text with <c>{id}</c>, <c>{timestamp}</c> and <c>{body}</c> in it.</summary>
internal sealed class SignedTemplate
{
    const string Body = "{body}";
    const string Id = "{id}";
    const string Timestamp = "{timestamp}";

    readonly List<string> _parts = [];

    /// <exception cref="ArgumentException">The template has no body, or a brace that means nothing.</exception>
    public SignedTemplate(string template)
    {
        for (var i = 0; i < template.Length;)
        {
            var brace = template.IndexOf('{', i);
            if (brace != i)
            {
                var literal = brace < 0 ? template[i..] : template[i..brace];
                _parts.Add(literal);
                i += literal.Length;
                continue;
            }

            var part = new[] { Body, Id, Timestamp }.FirstOrDefault(x => template.AsSpan(i).StartsWith(x, StringComparison.Ordinal))
                ?? throw new ArgumentException($"The template '{template}' has a brace that begins none of {{id}}, {{timestamp}}, {{body}}.", nameof(template));
            _parts.Add(part);
            i += part.Length;
        }

        // Without it one signature would be good for any body.
        if (!_parts.Contains(Body))
            throw new ArgumentException($"The template '{template}' does not contain {{body}}: the body must be signed.", nameof(template));
    }

    public bool UsesId => _parts.Contains(Id);

    public bool UsesTimestamp => _parts.Contains(Timestamp);

    public byte[] Sign(HashAlgorithmName algorithm, byte[] key, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(algorithm, key);
        foreach (var part in _parts)
        {
            switch (part)
            {
                case Body:
                    hash.AppendData(body);
                    break;
                case Id:
                    hash.AppendData(Encoding.UTF8.GetBytes(id));
                    break;
                case Timestamp:
                    hash.AppendData(Encoding.UTF8.GetBytes(timestamp));
                    break;
                default:
                    hash.AppendData(Encoding.UTF8.GetBytes(part));
                    break;
            }
        }

        return hash.GetHashAndReset();
    }
}
