using System.Diagnostics;
using System.Text;
using MassTransit.RedisTransport.Broker.Records;

namespace MassTransit.RedisTransport.UnitTests.Broker.Records;

public sealed class FailureFingerprintTests
{
    const string Stack = """
           at System.Net.Http.HttpClient.<SendAsync>g__Core|83_0(HttpRequestMessage request)
           at Shop.Bank.ChargeAsync(Order order, CancellationToken token) in /src/Shop/Bank.cs:line 17
        --- End of stack trace from previous location ---
           at MassTransit.Middleware.RetryFilter`1.Attempt(ConsumeContext context)
        """;

    static FailureFingerprint Of(string? stack = null, string? message = null, string? type = "System.TimeoutException",
        string? reason = "fault") =>
        FailureFingerprint.Of(type, message, stack, reason);

    [Fact]
    public void The_title_is_the_exception_and_the_first_frame_of_the_application() =>
        Assert.Equal("System.TimeoutException at Shop.Bank.ChargeAsync", Of(Stack).Title);

    [Fact]
    public void File_line_parameters_and_message_make_no_difference()
    {
        var other = Stack.Replace("line 17", "line 99", StringComparison.Ordinal)
            .Replace("Order order", "Guid id", StringComparison.Ordinal);

        Assert.Equal(Of(Stack, "after 30 s"), Of(other, "after 31 s"));
        Assert.NotEqual(Of(Stack).Id, Of(Stack, type: "System.InvalidOperationException").Id);
        Assert.NotEqual(Of(Stack).Id, Of(Stack.Replace("ChargeAsync", "RefundAsync", StringComparison.Ordinal)).Id);
    }

    [Theory]
    [InlineData("Shop.Bank.<ChargeAsync>d__12.MoveNext()", "Shop.Bank.ChargeAsync")]
    [InlineData("Shop.Bank.ChargeAsync(Int32 id)", "Shop.Bank.ChargeAsync")]
    [InlineData("Shop.Program.<>c__DisplayClass0_0.<Main>b__1(Int32 x)", "Shop.Program.Main")]
    [InlineData("Shop.Program.<>c__DisplayClass0_0.<<Main>b__0>d.MoveNext()", "Shop.Program.Main")]
    [InlineData("Shop.Program.<Main>g__Retry|0_3(Int32 x)", "Shop.Program.Retry")]
    [InlineData("Shop.Cache`2.Get[TKey,TValue](TKey key)", "Shop.Cache.Get")]
    [InlineData("Shop.Cache`2[[System.String, mscorlib],[System.Int32, mscorlib]].Get(String key)", "Shop.Cache.Get")]
    [InlineData("Shop.Bank+Account.Pay()", "Shop.Bank.Account.Pay")]
    [InlineData("Shop.Order..ctor(Int32 id)", "Shop.Order.ctor")]
    public void What_the_compiler_adds_makes_no_difference(string frame, string expected) =>
        Assert.Equal($"System.TimeoutException at {expected}", Of($"   at {frame} in C:\\a b\\c.cs:line 1").Title);

    [Theory]
    [InlineData("Order 17 is unknown", "Order 4711 is unknown")]
    [InlineData("Order d3b07384-d9a0-4c9b-8f3e-2c1d5e6f7a8b is unknown", "Order {0A1B2C3D-d9a0-4c9b-8f3e-2c1d5e6f7a8b} is unknown")]
    [InlineData("No user 'anna' in \"shop\"", "No user 'bob' in \"other shop\"")]
    [InlineData("Mail to anna@example.com failed", "Mail to b.o-b@mail.example.org failed")]
    [InlineData("GET https://a.example/x?y=1 said 503", "GET https://b.example:8080/zz said 502")]
    [InlineData("Checksum deadbeef is wrong", "Checksum 0123abcd is wrong")]
    public void Without_a_frame_the_message_counts_but_not_what_differs_in_it(string one, string other)
    {
        Assert.Equal(Of(message: one).Id, Of(message: other).Id);
        Assert.NotEqual(Of(message: one).Id, Of(message: one + " again").Id);
    }

    [Fact]
    public void A_stack_of_frameworks_only_is_told_by_the_message()
    {
        const string framework = "   at MassTransit.Webhooks.WebhookConsumer.Consume(ConsumeContext context)\n"
            + "   at System.Threading.Tasks.Task.Run()";

        Assert.Equal("MassTransit.Webhooks.WebhookFailedException: the PSP is down",
            Of(framework, "the PSP is down", "MassTransit.Webhooks.WebhookFailedException").Title);
        Assert.NotEqual(Of(framework, "the PSP is down").Id, Of(framework, "the shop is closed").Id);
    }

    [Fact]
    public void Without_an_exception_the_reason_counts() =>
        Assert.Equal("expired", Of(type: null, reason: "expired").Title);

    [Fact]
    public void A_title_is_one_short_line_without_control_characters()
    {
        var title = Of(message: "a\u001b[31m\r\nb\u0000\u2028c" + new string('x', 1_000)).Title;

        Assert.Equal(FailureFingerprint.MaxTitle, title.Length);
        Assert.DoesNotContain(title, x => char.IsControl(x) || x == '\u2028');
    }

    public static TheoryData<string, string> Hostile => new()
    {
        { "frames", "   at System." + new string('a', 100) + "(" },
        { "open brackets", "   at Shop." + new string('<', 1_000) },
        { "quotation marks", "'\"`“«" },
        { "open quotation marks", " '" },
        { "digits", "1" },
        { "letters", "a" },
        { "addresses", "a@" },
        { "urls", "http://" },
        { "line breaks", "\n" },
        { "generics", "   at Shop." + new string('[', 50) + "`" },
        { "surrogates", "\ud800" },
    };

    /// <summary>
    /// 64 KB are looked at, once each. A scanner that goes back would take thousands of times as long as for letters. The best of several
    /// runs is compared, because the machine does other things, too.
    /// </summary>
    [Theory]
    [MemberData(nameof(Hostile))]
    public void Ten_megabytes_that_were_made_to_be_slow_take_no_longer_than_64_KB_of_anything(string kind, string piece)
    {
        var text = new StringBuilder();
        while (text.Length < 10 * 1024 * 1024)
            text.Append(piece).Append(text.Length % 3 == 0 ? "\n" : "");
        var hostile = text.ToString();
        var letters = new string('a', 64 * 1024);
        var (best, plain) = (long.MaxValue, long.MaxValue);
        for (var i = 0; i < 10; i++)
        {
            best = Math.Min(best, Time(hostile));
            plain = Math.Min(plain, Time(letters));
        }

        Assert.True(best < 50 * plain, $"{kind}: {best / (double)plain:0.0} times as long as letters");

        static long Time(string text)
        {
            var started = Stopwatch.GetTimestamp();
            Of(text);
            Of(null, text);
            return Stopwatch.GetTimestamp() - started;
        }
    }

    [Fact]
    public void A_record_that_cannot_be_read_has_a_group_of_its_own()
    {
        Assert.Equal(FailureFingerprint.Unreadable, FailureFingerprint.Of(null).Id);
        Assert.Equal(FailureFingerprint.Unreadable,
            FailureFingerprint.Of(new MessageRecord { Headers = [new(RecordHeaders.Reason, "unreadable")] }).Id);
    }

    [Fact]
    public void The_beginning_of_a_record_has_the_same_fingerprint_as_the_whole()
    {
        var record = new MessageRecord
        {
            ContentType = "x/y",
            Headers =
            [
                new(RecordHeaders.FaultExceptionType, "System.TimeoutException"), new("n", 7),
                new(RecordHeaders.FaultStackTrace, Stack + new string('x', 100_000)), new("z", 8),
            ],
            Body = new byte[100],
        };
        var bytes = record.Pack();

        foreach (var length in new[] { bytes.Length, bytes.Length - 100, bytes.Length - 110, 2_000, 1_000 })
        {
            Assert.True(MessageRecord.TryParseHead(bytes.AsMemory(0, length), out var head));
            Assert.Equal(FailureFingerprint.Of(record), FailureFingerprint.Of(head));
        }

        Assert.False(MessageRecord.TryParse(bytes.AsMemory(0, 1_000), out _));
        for (var length = 0; length < 400; length++)
            Assert.Equal(MessageRecord.TryParseHead(bytes.AsMemory(0, length), out var head), head is not null);
    }

    [Theory]
    [InlineData("0123456789abcd", true)]
    [InlineData("unreadable", true)]
    [InlineData("other", true)]
    [InlineData("0123456789ABCD", false)]
    [InlineData("0123456789abcdef", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_what_a_queue_can_have_is_an_id(string? id, bool expected) => Assert.Equal(expected, FailureFingerprint.IsId(id));
}
