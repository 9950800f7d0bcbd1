using System.Text;
using MassTransit.RedisTransport.Inspection;

namespace MassTransit.RedisTransport.InspectionTests;

public sealed class JsonEnvelopeTests
{
    [Theory]
    [InlineData("""{"headers":{"MT-Redelivery-Count":1},"message":{"headers":{"MT-Redelivery-Count":1}}}""",
        """{"headers":{},"message":{"headers":{"MT-Redelivery-Count":1}}}""")]
    [InlineData("""{"message":{"a":[{}]}, "headers": {"a":{"b":1}, "MT-Redelivery-Count": 2, "c":3}}""",
        """{"message":{"a":[{}]}, "headers": {"a":{"b":1}, "c":3}}""")]
    [InlineData("""{"headers":{"a":"x,y" , "MT-Redelivery-Count":"2"}}""", """{"headers":{"a":"x,y"}}""")]
    [InlineData("""{"headers":{"MT-Redelivery-Count":2,"a":1}}""", """{"headers":{"a":1}}""")]
    [InlineData("""{"headers":null}""", """{"headers":null}""")]
    [InlineData("""{"headers":{"MT-Redelivery-Count":2""", """{"headers":{"MT-Redelivery-Count":2""")]
    [InlineData("no json", "no json")]
    [InlineData("", "")]
    public void One_header_is_cut_and_no_other_byte(string body, string expected) =>
        Assert.Equal(expected,
            Encoding.UTF8.GetString(JsonEnvelope.WithoutHeader(Encoding.UTF8.GetBytes(body), "MT-Redelivery-Count").Span));

    [Fact]
    public void Types_and_redelivery_count_are_read()
    {
        var (types, redelivered) = JsonEnvelope.Read(
            """{"messageId":"x","messageType":["urn:message:A:B","urn:message:C:D"],"message":{},"headers":{"MT-Redelivery-Count":3}}"""u8);

        Assert.Equal(["urn:message:A:B", "urn:message:C:D"], types);
        Assert.Equal(3, redelivered);
    }
}
