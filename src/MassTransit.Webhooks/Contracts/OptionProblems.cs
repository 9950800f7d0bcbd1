namespace MassTransit.Webhooks;

/// <summary>
/// Turns the errors of options into sentences. Each class of options has a method <c>Problems()</c>, which returns the option and its error
/// with the cure ("is 0: choose 1 to 1,000").
/// </summary>
internal static class OptionProblems
{
    /// <param name="problems">The errors.</param>
    /// <param name="owner">The owner of the options, as a part of a sentence: "the webhook processor OrderHooks".</param>
    public static IEnumerable<string> Of(this IEnumerable<(string Option, string Problem)> problems, string owner) =>
        problems.Select(x => $"In {owner}, {x.Option} {x.Problem}.");

    /// <exception cref="ConfigurationException">There are errors. The message lists all of them, each with the cure.</exception>
    public static void ThrowIfAny(this IEnumerable<(string Option, string Problem)> problems, string owner)
    {
        var text = string.Join(' ', problems.Of(owner));
        if (text.Length > 0)
            throw new ConfigurationException(text);
    }
}
