using System.Text;
using MassTransit.RedisTransport.Dashboard.Assets;

namespace MassTransit.RedisTransport.Dashboard.Tests;

/// <summary>The front end stays small, and takes nothing from elsewhere.</summary>
public sealed class AssetTests
{
    const int KiB = 1024;

    [Fact]
    public void Script_and_style_are_small()
    {
        Assert.InRange(AssetFile.Script.Content.Length, 1, 10 * KiB);
        Assert.InRange(AssetFile.Style.Content.Length, 1, 15 * KiB);
        Assert.InRange(new FileInfo(typeof(AssetFile).Assembly.Location).Length, 1, 400 * KiB);
    }

    [Fact]
    public void Assets_make_no_markup_and_ask_nobody_else()
    {
        string[] banned = ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "https://", "style=",
            "@import", "url("];
        Assert.All(AssetFile.All, file =>
        {
            var text = Encoding.UTF8.GetString(file.Content.Span).Replace("xmlns=\"http://www.w3.org/2000/svg\"", "",
                StringComparison.Ordinal);
            Assert.All([.. banned, "http://"], x => Assert.DoesNotContain(x, text, StringComparison.OrdinalIgnoreCase));
        });
    }
}
