using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MassTransit.RedisTransport.Dashboard.Reading;

/// <summary>
/// What the address or the form says. A value that cannot be understood is told to the user, and never guessed.
/// </summary>
internal sealed class Asked(Func<string, StringValues> read)
{
    /// <summary>Longer than any name, cursor or search of good will.</summary>
    const int MaxLength = 1_000;

    public static Asked Of(IQueryCollection query) => new(x => query[x]);

    public static Asked Of(IFormCollection form) => new(x => form[x]);

    /// <exception cref="BadQueryException">It is too long, or there are several.</exception>
    public string? Text(string name, int maxLength = MaxLength)
    {
        var values = read(name);
        if (values.Count == 0 || string.IsNullOrEmpty(values[0]))
            return null;
        if (values.Count > 1)
            throw new BadQueryException($"'{name}' is given {values.Count} times: give it once.");
        return values[0]!.Length <= maxLength
            ? values[0]
            : throw new BadQueryException($"'{name}' has {values[0]!.Length} characters: {maxLength} is the most.");
    }

    /// <summary>Why somebody does something, in their words.</summary>
    public string? Reason => Line("reason", RedisAuditEntry.MaxReason);

    /// <summary>A text of one line, for people.</summary>
    public string? Line(string name, int maxLength) => Text(name, maxLength) is { } text
        ? string.Concat(text.Select(x => char.IsControl(x) ? ' ' : x)).Trim() is { Length: > 0 } line ? line : null
        : null;

    public IReadOnlyList<string> All(string name, int max, int maxLength = MaxLength)
    {
        var values = read(name);
        if (values.Count > max)
            throw new BadQueryException($"'{name}' is given {values.Count} times: {max} is the most.");
        if (values.FirstOrDefault(x => x?.Length > maxLength) is { } longest)
            throw new BadQueryException($"'{name}' has {longest.Length} characters: {maxLength} is the most.");
        return [.. values.Where(x => !string.IsNullOrEmpty(x)).Select(x => x!).Distinct(StringComparer.Ordinal)];
    }

    public int Number(string name, int otherwise, int min, int max) => NumberOrNone(name, otherwise, min, max) ?? otherwise;

    /// <summary>A number, or none: an input that was emptied says that there is to be none, one that is not there says nothing.</summary>
    public int? NumberOrNone(string name, int? otherwise, int min, int max) =>
        read(name).Count == 0 ? otherwise
        : Text(name, 20) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw new BadQueryException($"'{name}' is a whole number from {min} to {max}.");

    /// <summary>A time such as <c>90s</c>, <c>15m</c>, <c>2h</c> or <c>7d</c>.</summary>
    public TimeSpan? Duration(string name)
    {
        if (Text(name, 20)?.Trim() is not { Length: > 0 } text)
            return null;
        double? unit = char.ToLowerInvariant(text[^1]) switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => null };
        return unit is { } seconds && uint.TryParse(text[..^1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number * seconds <= 10 * 366 * 86_400.0
            ? TimeSpan.FromSeconds(number * seconds)
            : throw new BadQueryException($"'{name}' is a time such as 90s, 15m, 2h or 7d, of ten years at most.");
    }
}
