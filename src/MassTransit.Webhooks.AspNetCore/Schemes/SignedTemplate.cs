using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// The bytes that a sender signs, as a text with <c>{id}</c>, <c>{timestamp}</c> and <c>{body}</c> in it. The bytes must be readable in
/// only one way, or a part of the id could become a part of the body under the same signature. So a value before the body ends at the first
/// occurrence of its separator, a value after the body begins after the last occurrence, and no value contains its separator.
/// </summary>
internal sealed class SignedTemplate
{
    const string Body = "{body}";
    const string Id = "{id}";
    const string Timestamp = "{timestamp}";

    readonly string[] _before;
    readonly string[] _after;
    readonly string _text;
    readonly HashSet<char> _idSeparators = [];

    /// <exception cref="ArgumentException">
    /// The template has no body or two, an unknown brace, or could be read in more than one way.
    /// </exception>
    public SignedTemplate(string template)
    {
        _text = template;
        var parts = Split(template);
        // Without the body one signature would be valid for any body.
        if (!parts.Contains(Body))
            throw new ArgumentException($"The template '{template}' does not contain {{body}}: the body must be signed.", nameof(template));
        var body = parts.IndexOf(Body);
        if (parts.LastIndexOf(Body) != body)
            throw new ArgumentException($"The template '{template}' contains {{body}} twice: write it once.", nameof(template));

        _before = [.. parts[..body]];
        _after = [.. parts[(body + 1)..]];
        for (var i = 0; i < _before.Length; i++)
            Separate(_before[i], i + 1 < _before.Length ? _before[i + 1] : Body, x => x[0]);
        for (var i = 0; i < _after.Length; i++)
            Separate(_after[i], i > 0 ? _after[i - 1] : Body, x => x[^1]);
    }

    public bool UsesId => _before.Contains(Id) || _after.Contains(Id);

    public bool UsesTimestamp => _before.Contains(Timestamp) || _after.Contains(Timestamp);

    /// <summary>
    /// Whether the signed bytes can be read in only one way with this id. The id must contain no separator, and no unpaired surrogate,
    /// because that is encoded as another character.
    /// </summary>
    public bool IsIdUnambiguous(string id)
    {
        if (_idSeparators.Count == 0)
            return true;
        foreach (var character in id)
        {
            if (_idSeparators.Contains(character) || char.IsSurrogate(character))
                return false;
        }

        return true;
    }

    /// <summary>Begins a hash with everything before the body. The body is appended to it.</summary>
    public IncrementalHash Begin(HashAlgorithmName algorithm, byte[] key, string id, string timestamp)
    {
        var hash = IncrementalHash.CreateHMAC(algorithm, key);
        Append(hash, _before, id, timestamp);
        return hash;
    }

    /// <summary>Returns the code after the body has been appended.</summary>
    public byte[] Complete(IncrementalHash hash, string id, string timestamp)
    {
        Append(hash, _after, id, timestamp);
        return hash.GetHashAndReset();
    }

    static void Append(IncrementalHash hash, string[] parts, string id, string timestamp)
    {
        foreach (var part in parts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part switch
            {
                Id => id,
                Timestamp => timestamp,
                _ => part
            }));
        }
    }

    void Separate(string part, string neighbour, Func<string, char> end)
    {
        if (part is not (Id or Timestamp))
            return;
        if (neighbour is Body or Id or Timestamp)
        {
            throw new ArgumentException($"The template '{_text}' lets bytes move between {part} and {neighbour} under one signature: sign "
                + $"a separator between them, such as {Id}.{Timestamp}.{Body}. Where the sender signs without one, leave the id out of the "
                + "template, and the header out of IdHeader.");
        }

        var separator = end(neighbour);
        if (part == Id)
            _idSeparators.Add(separator);
        else if (char.IsAsciiDigit(separator))
            throw new ArgumentException($"The template '{_text}' has the digit {separator} beside {Timestamp}, which is made of digits: "
                + "sign another separator, such as a dot.");
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

            var part = new[] { Body, Id, Timestamp }.FirstOrDefault(x => template.AsSpan(i).StartsWith(x, StringComparison.Ordinal))
                ?? throw new ArgumentException(
                    $"The template '{template}' has a brace that begins none of {{id}}, {{timestamp}}, {{body}}.", nameof(template));
            parts.Add(part);
            i += part.Length;
        }

        return parts;
    }
}
