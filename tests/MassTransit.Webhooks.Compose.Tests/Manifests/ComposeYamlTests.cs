using System.Text.RegularExpressions;
using MassTransit.Webhooks.Compose.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace MassTransit.Webhooks.Compose.Tests.Manifests;

/// <summary>What can be wrong with a compose file without a line of it being wrong by itself.</summary>
public sealed class ComposeYamlTests
{
    static readonly IReadOnlyDictionary<string, Dictionary<string, YamlNode>> Services = ComposeFiles.Services();

    [Fact]
    public void Every_service_has_an_image_of_a_stated_version()
    {
        Assert.All(Services, x => Assert.Matches(@":\S+$", x.Value["image"].ToString()));
        Assert.DoesNotContain(Services.Values.Select(x => x["image"].ToString()), x => x.Contains("latest", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_profile_is_told_of_in_the_readme()
    {
        var readme = ComposeFiles.Read("README.md");
        var profiles = Services.Values.SelectMany(Profiles).Distinct().Order().ToArray();

        Assert.Equal(["app", "cluster", "grafana", "jaeger", "observability", "prometheus", "rabbitmq", "sentinel"], profiles);
        Assert.All(profiles, x => Assert.Contains($"`{x}`", readme, StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_a_service_waits_for_is_there_and_started_with_it()
    {
        foreach (var (name, service) in Services)
        {
            var needed = service.GetValueOrDefault("depends_on") switch
            {
                YamlMappingNode map => map.Children.Keys.Select(x => x.ToString()),
                YamlSequenceNode list => list.Select(x => x.ToString()),
                _ => [],
            };
            foreach (var other in needed)
            {
                Assert.True(Services.ContainsKey(other), $"{name} waits for {other}, which is no service.");
                var others = Profiles(Services[other]);
                Assert.True(others.Length == 0 || Profiles(service).All(others.Contains),
                    $"{name} waits for {other}, which not every profile of {name} starts.");
            }
        }
    }

    [Fact]
    public void Every_file_that_is_mounted_exists_and_every_volume_is_declared()
    {
        var declared = ((YamlMappingNode)ComposeFiles.Documents(ComposeFiles.Read("compose.yaml"))[0]["volumes"]).Children.Keys.Select(x =>
            x.ToString()).ToHashSet();
        foreach (var source in Services.Values.SelectMany(x => x.GetValueOrDefault("volumes") as YamlSequenceNode ?? [])
            .Select(x => x.ToString().Split(':')))
        {
            if (source[0].StartsWith("./", StringComparison.Ordinal))
            {
                Assert.True(Path.Exists(ComposeFiles.Path(source[0][2..])), $"{source[0]} does not exist.");
                Assert.Equal("ro", source[^1]);
            }
            else
            {
                Assert.Contains(source[0], declared);
            }
        }
    }

    [Fact]
    public void Every_published_port_is_bound_to_this_machine_and_to_one_service()
    {
        var ports = Services.Values.SelectMany(x => x.GetValueOrDefault("ports") as YamlSequenceNode ?? []).Select(x => x.ToString())
            .ToArray();

        Assert.All(ports, x => Assert.StartsWith("127.0.0.1:", x, StringComparison.Ordinal));
        Assert.Equal(ports.Length, ports.Select(x => x.Split(':')[1]).Distinct().Count());
    }

    [Fact]
    public void Samples_find_redis_and_jaeger_by_names_of_services()
    {
        foreach (var sample in new[] { "ingress", "worker" })
        {
            var environment = ComposeFiles.Merged((YamlMappingNode)Services[sample]["environment"]);
            Assert.Equal("${REDIS_URL:-redis://redis:6379}", environment["REDIS_URL"].ToString());
            Assert.Equal(environment["REDIS_URL"], environment["Redis__Url"]);
            var jaeger = new Uri(environment["OTEL_EXPORTER_OTLP_ENDPOINT"].ToString());
            Assert.Contains($"127.0.0.1:{jaeger.Port}:{jaeger.Port}",
                ((YamlSequenceNode)Services[jaeger.Host]["ports"]).Select(x => x.ToString()));
        }

        Assert.Equal("3", Services["worker"]["deploy"]["replicas"].ToString());
        Assert.All(Regex.Matches(ComposeFiles.Read("prometheus", "prometheus.yml"), @"names: \[(\w+)\]").Select(x => x.Groups[1].Value),
            x => Assert.True(Services.ContainsKey(x)));
    }

    [Fact]
    public void No_secret_has_a_default()
    {
        var secrets = ComposeFiles.Merged((YamlMappingNode)Services["ingress"]["environment"])
            .Where(x => x.Key.Contains("Secret", StringComparison.Ordinal)).ToArray();

        Assert.Equal(2, secrets.Length);
        Assert.All(secrets, x => Assert.Matches(@"^\$\{\w+:-\}$", x.Value.ToString()));
    }

    static string[] Profiles(Dictionary<string, YamlNode> service) =>
        [.. (service.GetValueOrDefault("profiles") as YamlSequenceNode ?? []).Select(x => x.ToString())];
}
