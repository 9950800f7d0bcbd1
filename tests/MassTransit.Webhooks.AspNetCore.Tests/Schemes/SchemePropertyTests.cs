using FsCheck;
using FsCheck.Fluent;

namespace MassTransit.Webhooks.AspNetCore.Tests.Schemes;

public class SchemePropertyTests
{
    static readonly Config Quick = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Theory, MemberData(nameof(Vectors.Names), MemberType = typeof(Vectors))]
    public void A_flipped_bit_of_the_body_is_refused(string name)
    {
        var vector = Vectors.All[name];
        Prop.ForAll(Gen.Choose(0, vector.Body.Length * 8 - 1).ToArbitrary(), bit =>
        {
            var body = vector.Body.ToArray();
            body[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.NotEqual("accepted", (vector with { Body = body }).Verify());
        }).Check(Quick);
    }

    /// <summary>Every bit of every header: codes, ids, timestamps, and what stands between them.</summary>
    [Theory, MemberData(nameof(Vectors.Names), MemberType = typeof(Vectors))]
    public void A_flipped_bit_of_a_header_is_refused(string name)
    {
        var vector = Vectors.All[name];
        foreach (var (header, values) in vector.Headers)
        {
            // What follows is a code of another version, which nobody reads.
            var text = values[0].Split(",v0=")[0];
            for (var bit = 0; bit < text.Length * 7; bit++)
            {
                var changed = text.ToCharArray();
                changed[bit / 7] ^= (char)(1 << bit % 7);
                Assert.NotEqual("accepted", vector.With(header, new string(changed)).Verify());
            }
        }
    }

    [Theory, MemberData(nameof(Vectors.Names), MemberType = typeof(Vectors))]
    public void No_header_value_makes_a_verifier_throw_or_accept(string name)
    {
        var vector = Vectors.All[name];
        foreach (var header in vector.Headers.Keys)
        {
            Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
                Assert.NotEqual("accepted", vector.With(header, text).Verify())).Check(Quick);
            Prop.ForAll(Pieces(vector.Headers[header][0]).ToArbitrary(), text =>
                Assert.True(text == vector.Headers[header][0] || vector.With(header, text).Verify() is { Length: > 0 })).Check(Quick);
        }
    }

    [Fact]
    public void No_body_makes_the_reader_of_facts_throw() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), body => _ = new JsonFacts("id", "a.b", "[0].id").Read(body)).Check(Quick);

    /// <summary>Texts that look like a header of the scheme, but for some pieces.</summary>
    static Gen<string> Pieces(string original) =>
        from start in Gen.Choose(0, original.Length)
        from length in Gen.Choose(0, original.Length - start)
        from middle in Gen.Elements("", ",", " ", "=", "v1,", "v1=", "t=", "v0=", "sha256=", "\0", "é", "\ud800", "9999999999999999999")
        select original[..start] + middle + original[(start + length)..];
}
