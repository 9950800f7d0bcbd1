using System.Text;

namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

public class JsonFactsTests
{
    [Theory]
    [InlineData("{\"id\":\"1\",\"type\":\"t\"}", "1", "t")]
    [InlineData("\ufeff{\"id\":\"1\",\"type\":\"t\"}", "1", "t")]
    [InlineData("{\"data\":{\"id\":\"no\",\"type\":\"no\"},\"id\":\"1\",\"type\":\"t\",}", "1", "t")]
    [InlineData("{\"id\":1,\"type\":{\"id\":\"no\"}}", null, null)]
    [InlineData("{\"id\":\"1\",\"type\":", "1", null)]
    [InlineData("{\"id\":\"\\ud800\",\"type\":\"t\"}", null, null)]
    [InlineData("[{\"id\":\"1\"}]", null, null)]
    [InlineData("id=1", null, null)]
    [InlineData("", null, null)]
    public void Reads_what_is_there(string body, string? id, string? type)
    {
        var facts = JsonFacts.Read(Encoding.UTF8.GetBytes(body));
        Assert.Equal((id, type), (facts.Id, facts.Type));
    }

    [Fact]
    public void Reads_the_event_inside_a_Slack_envelope()
    {
        var facts = JsonFacts.Read(
            "{\"event\":{\"x\":{\"type\":\"no\"},\"type\":\"message\"},\"type\":\"event_callback\",\"event_id\":\"Ev1\"}"u8);
        Assert.Equal(("Ev1", "message", "event_callback"), (facts.EventId, facts.EventType, facts.Type));
    }
}
