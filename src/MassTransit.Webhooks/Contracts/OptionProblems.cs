namespace MassTransit.Webhooks;

/// <summary>
/// What is wrong with options. Each class of options says it in one form, <c>Problems()</c>: the option, and what is wrong with it with the cure
/// ("is 0: choose 1 to 1,000"). Here it becomes sentences.
/// </summary>
internal static class OptionProblems
{
    /// <param name="problems">What is wrong.</param>
    /// <param name="owner">Whose options they are, within a sentence: "the webhook processor OrderHooks".</param>
    public static IEnumerable<string> Of(this IEnumerable<(string Option, string Problem)> problems, string owner) =>
        problems.Select(x => $"In {owner}, {x.Option} {x.Problem}.");

    /// <exception cref="ConfigurationException">Something is wrong: all of it, each with the cure.</exception>
    public static void ThrowIfAny(this IEnumerable<(string Option, string Problem)> problems, string owner)
    {
        var text = string.Join(' ', problems.Of(owner));
        if (text.Length > 0)
            throw new ConfigurationException(text);
    }
}
