using MassTransit.Webhooks.Faults;
using Xunit.Abstractions;

namespace MassTransit.RedisTransport.FaultTests.Matrix;

/// <summary>
/// Some of the faults of docs/faults.md in their short form, each with plain, delayed and bundled messages and an ingress under load, and
/// workers in processes of their own. What the table promises must hold: by counts, never by times.
/// </summary>
public sealed class FaultMatrixTests(ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData("worker-frozen")]
    [InlineData("outage")]
    [InlineData("sentinel-planned")]
    public async Task A_fault_breaks_no_promise_of_the_matrix(string name)
    {
        var scenario = Assert.Single(Catalogue.Matching(name));
        await foreach (var row in scenario.RunAsync(new Settings(Short: true)))
        {
            output.WriteLine(Webhooks.Faults.Report.Matrix.Line(row));
            Skip.If(row.LeftOut is not null, row.LeftOut);
            Assert.True(row.Violations.Count == 0, string.Join('\n', row.Violations.Concat(row.Errors)));
            Assert.NotEqual(0, row.Sum(x => x.Confirmed));
        }
    }

    [Fact]
    public void Every_scenario_has_a_name_of_its_own_and_says_what_it_does()
    {
        Assert.Equal(Catalogue.All.Count, Catalogue.All.Select(x => x.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Catalogue.All, x => Assert.NotEmpty(x.Description));
    }
}
