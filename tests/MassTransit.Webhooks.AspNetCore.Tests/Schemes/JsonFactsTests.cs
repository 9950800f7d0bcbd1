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
    [InlineData("{\"id\":{\"id\":\"no\"},\"type\":[\"no\"]}", null, null)]
    [InlineData("{\"id\":\"1\",}", "1", null)]
    [InlineData("/* a */{\"id\":\"1\",/* b */\"type\":\"t\"}", "1", "t")]
    [InlineData("[{\"id\":\"1\"}]", null, null)]
    [InlineData("[\"id\",\"1\"]", null, null)]
    [InlineData("\"id\"", null, null)]
    [InlineData("id=1", null, null)]
    [InlineData("", null, null)]
    public void Reads_what_is_there(string body, string? id, string? type)
    {
        var facts = JsonFacts.Read(Encoding.UTF8.GetBytes(body));
        Assert.Equal((id, type), (facts.Id, facts.Type));
    }

    [Theory]
    [InlineData("{\"event\":\"message\",\"event_id\":\"Ev1\"}", "Ev1", null, null)]
    [InlineData("{\"data\":{\"type\":\"no\"},\"event\":{\"type\":{\"type\":\"no\"},\"kind\":\"no\"}}", null, null, null)]
    [InlineData("{\"event\":{\"type\":\"message\"},\"challenge\":\"c\",\"other\":\"no\"}", null, "message", "c")]
    [InlineData("{\"other\":\"no\"}", null, null, null)]
    public void Takes_the_fields_of_an_envelope_alone(string body, string? eventId, string? eventType, string? challenge)
    {
        var facts = JsonFacts.Read(Encoding.UTF8.GetBytes(body));
        Assert.Equal((eventId, eventType, challenge), (facts.EventId, facts.EventType, facts.Challenge));
    }

    [Fact]
    public void Reads_the_event_inside_a_Slack_envelope()
    {
        var facts = JsonFacts.Read(
            "{\"event\":{\"x\":{\"type\":\"no\"},\"type\":\"message\"},\"type\":\"event_callback\",\"event_id\":\"Ev1\"}"u8);
        Assert.Equal(("Ev1", "message", "event_callback"), (facts.EventId, facts.EventType, facts.Type));
    }
}
