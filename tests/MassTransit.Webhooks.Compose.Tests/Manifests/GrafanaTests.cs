using System.Text.Json;
using MassTransit.Webhooks.Compose.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace MassTransit.Webhooks.Compose.Tests.Manifests;

/// <summary>The dashboard is found, and finds its data.</summary>
public sealed class GrafanaTests
{
    [Fact]
    public void Every_panel_asks_a_data_source_that_is_provisioned()
    {
        var sources = ((YamlSequenceNode)ComposeFiles.Documents(
            ComposeFiles.Read("grafana", "provisioning", "datasources", "datasources.yml"))[0]["datasources"])
            .Select(x => (x["uid"].ToString(), x["type"].ToString())).ToArray();
        using var dashboard = JsonDocument.Parse(ComposeFiles.Read("grafana", "dashboards", "webhooks.json"));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToArray();

        Assert.True(panels.Length >= 12);
        Assert.Equal(panels.Length, panels.Select(x => x.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(panels.Concat(panels.SelectMany(x => x.GetProperty("targets").EnumerateArray())), x =>
            Assert.Contains((x.GetProperty("datasource").GetProperty("uid").GetString()!,
                x.GetProperty("datasource").GetProperty("type").GetString()!), sources));
    }

    [Fact]
    public void Data_sources_and_dashboards_are_where_the_services_are()
    {
        var services = ComposeFiles.Services();
        foreach (var source in (YamlSequenceNode)ComposeFiles.Documents(
            ComposeFiles.Read("grafana", "provisioning", "datasources", "datasources.yml"))[0]["datasources"])
        {
            var url = new Uri(source["url"].ToString());
            Assert.Contains($"127.0.0.1:{url.Port}:{url.Port}", ((YamlSequenceNode)services[url.Host]["ports"]).Select(x => x.ToString()));
        }

        var provider =
            ComposeFiles.Documents(ComposeFiles.Read("grafana", "provisioning", "dashboards", "webhooks.yml"))[0]["providers"][0];
        Assert.Contains($"./grafana/dashboards:{provider["options"]["path"]}:ro",
            ((YamlSequenceNode)services["grafana"]["volumes"]).Select(x => x.ToString()));
    }
}
