using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace MassTransit.RedisTransport.Dashboard.Markup;

/// <summary>
/// Writes a page. Every hole of an interpolated string is encoded, in text and in quoted attributes alike, and characters that nobody
/// sees or that change the order of others are written out. There is no way to write a text of a message as markup.
/// </summary>
internal sealed class Html
{
    /// <summary>What an attribute ends with whose value is an address. Only a <see cref="Link"/> may follow.</summary>
    static readonly string[] Addresses = ["href=\"", "src=\"", "action=\""];

    readonly StringBuilder _text = new(8 * 1024);

    /// <summary>Writes markup; its holes are encoded.</summary>
    /// <param name="markup">The interpolated string, which the compiler turns into calls of the handler.</param>
    public Html Write([InterpolatedStringHandlerArgument("")] ref Handler markup) => this;

    /// <summary>Writes a text, encoded and with invisible characters written out.</summary>
    public void Text(ReadOnlySpan<char> text) => VisibleText.AppendTo(_text, text, encode: true);

    /// <summary>Writes the beginning of a text, so that the page grows by about so many bytes at most.</summary>
    /// <returns>False if there was more of the text.</returns>
    public bool TextWithin(ReadOnlySpan<char> text, int budget)
    {
        var fits = VisibleText.Fit(text, budget);
        Text(text[..fits]);
        return fits == text.Length;
    }

    public override string ToString() => _text.ToString();

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(_text.ToString());

    void Exactly(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (VisibleText.EntityOf(c) is { } entity)
                _text.Append(entity);
            else
                _text.Append(c);
        }
    }

    [InterpolatedStringHandler]
    public ref struct Handler(int literalLength, int formattedCount, Html html)
    {
        readonly Html _html = html;
        bool _wantsLink;

        public int Capacity { get; } = literalLength + formattedCount;

        public void AppendLiteral(string markup)
        {
            _html._text.Append(markup);
            _wantsLink = Array.Exists(Addresses, x => markup.EndsWith(x, StringComparison.Ordinal));
        }

        public readonly void AppendFormatted(string? text)
        {
            if (_wantsLink)
                throw new InvalidOperationException($"An address is a {nameof(Link)}, never a text.");
            _html.Text(text);
        }

        public readonly void AppendFormatted(long number) => _html._text.Append(CultureInfo.InvariantCulture, $"{number}");

        public readonly void AppendFormatted(Link link) => _html.Exactly(link.Address);

        public readonly void AppendFormatted(ExactText text) => _html.Exactly(text.Value);

        public readonly void AppendFormatted(Flag flag)
        {
            if (flag.IsSet)
                _html._text.Append(' ').Append(flag.Name);
        }

        public readonly void AppendFormatted(Fragment? fragment) => fragment?.Invoke(_html);
    }
}

/// <summary>A part of a page that another part contains.</summary>
internal delegate void Fragment(Html html);

/// <summary>
/// A text of which no character may change, since the browser sends it back: the value of an input. It is encoded like every other.
/// </summary>
internal readonly record struct ExactText(string? Value);

/// <summary>An attribute without a value, written if it is set. The name is a constant of the code.</summary>
internal readonly record struct Flag(string Name, bool IsSet);
