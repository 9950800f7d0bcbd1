using System.Buffers;

namespace MassTransit.RedisTransport.Dashboard.Markup;

/// <summary>Quotes words for a POSIX shell. They come from messages, and somebody pastes them into a terminal.</summary>
internal static class Shell
{
    static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:@%+,=~");

    /// <summary>
    /// The word as the shell reads it back; <c>null</c> for one that is not what it looks like on the page: with characters that nobody
    /// sees, or with an end of line.
    /// </summary>
    /// <param name="word">The word.</param>
    /// <param name="isBlock">True where the ends of its lines are seen.</param>
    public static string? Quote(string word, bool isBlock = false)
    {
        if (VisibleText.Of(word) != word || (!isBlock && word.AsSpan().IndexOfAny('\n', '\t') >= 0))
            return null;
        // At the beginning a tilde is a home, and an equals sign the place of a command.
        return word.Length > 0 && word[0] is not ('~' or '=') && !word.AsSpan().ContainsAnyExcept(Plain)
            ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
