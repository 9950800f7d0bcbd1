using System.Buffers;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// What keeps the parts of a signed text apart. Each part is either known to the receiver (the method, literals), has a fixed length, or
/// ends at a separator that it does not contain. The content has no rule of its own: it is what the others leave.
/// </summary>
internal sealed class TemplateRules
{
    /// <summary>
    /// The characters of addresses (RFC 3986) without the brackets, which frameworks write in queries but which only stand in a host by
    /// the standard, and which begin and end JSON.
    /// </summary>
    static readonly SearchValues<char> OfAddresses = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&'()*+,;=%");

    readonly string _template;
    readonly string[] _parts;
    readonly int? _idLength;
    readonly HashSet<char> _idSeparators = [];
    readonly bool _isUrlBeforeBody;
    readonly bool _isUrlAfterBody;

    public TemplateRules(string template, string[] parts, int? idLength, bool hasBodyHash)
    {
        (_template, _parts, _idLength) = (template, parts, idLength);
        if (idLength is < 1 or > 1024)
            throw new ArgumentException($"WebhookHmacOptions.IdLength is {idLength}: use 1 to 1024 characters.");
        RequireContent(hasBodyHash);
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i] is SignedTemplate.Id or SignedTemplate.Timestamp)
                Separate(i);
        }

        var body = Array.IndexOf(parts, SignedTemplate.Body);
        var url = Array.IndexOf(parts, SignedTemplate.Url);
        if (url < 0 || body < 0)
            return;
        // What lies between them is either a literal, which addresses could contain, or has rules of its own.
        _isUrlBeforeBody = url < body && IsOpen(url, body);
        _isUrlAfterBody = url > body && IsOpen(body, url);
    }

    /// <summary>
    /// Whether a timestamp stands beside another part without a separator, so that its own length must say where it ends.
    /// </summary>
    public bool HasTightTimestamp { get; private set; }

    public bool Allows(string id)
    {
        if (_idLength is { } length && id.Length != length)
            return false;
        if (_idSeparators.Count == 0)
            return _idLength is null || id.All(char.IsAscii);
        foreach (var character in id)
        {
            if (_idSeparators.Contains(character) || char.IsSurrogate(character))
                return false;
        }

        return true;
    }

    /// <summary>Whether address and body can be told apart, though the sender may have chosen the address.</summary>
    public bool Separates(string? url, ReadOnlySpan<byte> body)
    {
        if (!_isUrlBeforeBody && !_isUrlAfterBody)
            return true;
        if (body.IsEmpty || url.AsSpan().ContainsAnyExcept(OfAddresses))
            return false;
        return !OfAddresses.Contains((char)(_isUrlBeforeBody ? body[0] : body[^1]));
    }

    void RequireContent(bool hasBodyHash)
    {
        var contents = _parts.Count(x => x is SignedTemplate.Body or SignedTemplate.Form);
        if (hasBodyHash && contents == 0 && _parts.Contains(SignedTemplate.Url))
            return;
        // Without the body one signature would be valid for any body.
        if (contents == 0)
        {
            throw new ArgumentException($"The template '{_template}' contains neither {{body}} nor {{form}}: the content must be signed. "
                + "Where the sender signs the address alone with the body's hash in its query, name the parameter in BodyHashParameter.");
        }

        if (contents > 1)
            throw new ArgumentException($"The template '{_template}' contains the content twice, as {{body}} or {{form}}: write it once.");
        if (hasBodyHash)
            throw new ArgumentException($"The template '{_template}' contains the content, and BodyHashParameter its hash: use one of "
                + $"them.");
        if (_parts.Count(x => x == SignedTemplate.Url) > 1)
            throw new ArgumentException($"The template '{_template}' contains {{url}} twice: write it once.");
    }

    /// <summary>Looks at both sides of an id or a timestamp.</summary>
    void Separate(int at)
    {
        var part = _parts[at];
        foreach (var (neighbour, isAfter) in new[] { (At(at - 1), false), (At(at + 1), true) })
        {
            // The beginning and the end of the signed bytes are separators that nothing can contain. The method is the request's own.
            if (neighbour is null or SignedTemplate.Method)
                continue;
            if (neighbour.StartsWith('{'))
                Tighten(part, neighbour);
            else
                TakeSeparator(part, isAfter ? neighbour[0] : neighbour[^1]);
        }
    }

    string? At(int index) => index >= 0 && index < _parts.Length ? _parts[index] : null;

    void Tighten(string part, string neighbour)
    {
        if (part == SignedTemplate.Timestamp)
        {
            HasTightTimestamp = true;
        }
        else if (_idLength is null && neighbour != SignedTemplate.Timestamp)
        {
            throw new ArgumentException($"The template '{_template}' lets bytes move between {part} and {neighbour} under one signature: "
                + "sign a separator between them, such as {id}.{timestamp}.{body}. Where the sender signs without one, say in IdLength how "
                + "many characters each id has, or leave the id out of the template, and the header out of IdHeader.");
        }
    }

    void TakeSeparator(string part, char separator)
    {
        if (part == SignedTemplate.Id)
            _idSeparators.Add(separator);
        else if (char.IsAsciiDigit(separator))
        {
            throw new ArgumentException($"The template '{_template}' has the digit {separator} beside {SignedTemplate.Timestamp}, which is "
                + "made of digits: sign another separator, such as a dot.");
        }
    }

    /// <summary>Whether only literals lie between two parts.</summary>
    bool IsOpen(int first, int last)
    {
        for (var i = first + 1; i < last; i++)
        {
            if (_parts[i].StartsWith('{'))
                return false;
        }

        return true;
    }
}
