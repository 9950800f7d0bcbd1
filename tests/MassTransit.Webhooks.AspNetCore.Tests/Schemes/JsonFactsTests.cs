using System.Text;

namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

public class JsonFactsTests
{
    [Theory]
    [InlineData("{\"id\":\"1\",\"type\":\"t\"}", "1", "t")]
    [InlineData("\ufeff{\"id\":\"1\",\"type\":\"t\"}", "1", "t")]
    [InlineData("{\"data\":{\"id\":\"no\",\"type\":\"no\"},\"id\":\"1\",\"type\":\"t\",}", "1", "t")]
    [InlineData("{\"id\":12345678901234567890,\"type\":{\"id\":\"no\"}}", "12345678901234567890", null)]
    [InlineData("{\"id\":true,\"type\":null}", null, null)]
    [InlineData("{\"id\":\"1\",\"type\":", "1", null)]
    [InlineData("{\"id\":\"\\ud800\",\"type\":\"t\"}", null, null)]
    [InlineData("{\"id\":{\"id\":\"no\"},\"type\":[\"no\"]}", null, null)]
    [InlineData("{\"id\":\"1\",}", "1", null)]
    [InlineData("{\"id\":\"1\",\"id\":\"2\"}", "2", null)]
    [InlineData("/* a */{\"id\":\"1\",/* b */\"type\":\"t\"}", "1", "t")]
    [InlineData("[{\"id\":\"1\"}]", null, null)]
    [InlineData("[\"id\",\"1\"]", null, null)]
    [InlineData("\"id\"", null, null)]
    [InlineData("id=1", null, null)]
    [InlineData("", null, null)]
    public void Reads_what_is_there(string body, string? id, string? type) =>
        Assert.Equal(new string?[] { id, type }, new JsonFacts("id", "type").Read(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("{\"event\":{\"x\":{\"type\":\"no\"},\"type\":\"message\",\"id\":7},\"type\":\"outer\"}", "message", "7")]
    [InlineData("{\"event\":\"message\",\"type\":\"no\"}", null, null)]
    [InlineData("{\"event\":{\"type\":{\"type\":\"no\"},\"kind\":\"no\"}}", null, null)]
    [InlineData("{\"event\":[{\"type\":\"no\"}]}", null, null)]
    public void Follows_names_to_deeper_levels(string body, string? type, string? id) =>
        Assert.Equal(new string?[] { type, id }, new JsonFacts("event.type", "event.id").Read(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("[{\"id\":\"1\"},{\"id\":\"2\"}]", "1")]
    [InlineData("[[{\"id\":\"1\"}]]", null)]
    [InlineData("{\"id\":\"1\"}", null)]
    [InlineData("[]", null)]
    public void Reads_the_first_element_of_an_array(string body, string? id) =>
        Assert.Equal(new string?[] { id }, new JsonFacts("[0].id").Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Without_a_path_nothing_is_read() => Assert.Equal(new string?[2], new JsonFacts(null, null).Read("{\"\":1}"u8));

    /// <summary>What nobody asked for is skipped, however deep it is; what is deeper than readers go ends the reading.</summary>
    [Fact]
    public void Depth_does_no_harm()
    {
        var deep = new string('[', 100_000) + new string(']', 100_000);

        Assert.Equal(new string?[] { "1" }, new JsonFacts("id").Read(Encoding.UTF8.GetBytes("{\"id\":\"1\",\"x\":" + deep + "}")));
    }
}
