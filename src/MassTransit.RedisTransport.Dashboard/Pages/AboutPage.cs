using System.Reflection;
using MassTransit.RedisTransport.Dashboard.Access;
using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>Versions, and what the user may do.</summary>
internal sealed class AboutPage(Viewer viewer, bool isReadOnly) : Page
{
    static readonly (Right Right, string Name, string Allows)[] Rights =
    [
        (Right.View, "View", "see queues, counts, failures and stack traces"),
        (Right.ViewPayload, "ViewPayload", "see bodies and the values of headers, and download them"),
        (Right.Operate, "Operate", "replay, pause, limit, write notes"),
        (Right.Edit, "Edit", "change a message and replay it"),
        (Right.Destroy, "Destroy", "purge and delete, and restore what was purged"),
    ];

    static readonly string Version = VersionOf(typeof(AboutPage).Assembly);

    public override string Title => "About";

    public override Section Section => Section.About;

    public override object Data => new
    {
        Version,
        User = viewer.Name,
        Rights = Rights.Where(x => viewer.Can(x.Right)).Select(x => x.Name),
        ReadOnly = isReadOnly,
    };

    public override void Write(Html html, OpsRequest request)
    {
        html.Write($"""
            <h2>Your rights</h2>
            <p>You are <b>{viewer.Name}</b>.{(isReadOnly ? " This dashboard is read-only." : "")}</p>
            """);
        Tables.Begin(html, "Rights", "Right", "Allows to", "You have it");
        foreach (var (right, name, allows) in Rights)
            html.Write($"""<tr><th scope="row">{name}</th><td>{allows}</td><td>{(viewer.Can(right) ? "yes" : "no")}</td></tr>""");
        Tables.End(html);
        html.Write($"""
            <h2>Versions</h2>
            <dl class="facts">
            <div><dt>Dashboard</dt><dd>{Version}</dd></div>
            <div><dt>Transport</dt><dd>{VersionOf(typeof(IRedisQueues).Assembly)}</dd></div>
            <div><dt>.NET</dt><dd>{Environment.Version.ToString()}</dd></div>
            </dl>
            """);
    }

    static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
