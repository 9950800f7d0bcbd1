using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>Why there is no page.</summary>
internal sealed class ProblemPage(int status, string title, string detail) : Page
{
    public int Status => status;

    /// <summary>A page that tells more.</summary>
    public (Link Link, string Text)? See { get; init; }

    public override string Title => title;

    public override object Data => new { Status = status, Title = title, Detail = detail };

    public override void Write(Html html, OpsRequest request)
    {
        html.Write($"""<p class="problem">{VisibleText.Head(detail, 1_000)}</p>""");
        if (See is { } see)
            html.Write($"""<p><a href="{see.Link}">{see.Text}</a></p>""");
        html.Write($"""<p><a href="{request.Links.Home}">To the first page</a></p>""");
    }
}
