using k8s;
using k8s.Models;
using MassTransit.Webhooks.Compose.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace MassTransit.Webhooks.Compose.Tests.Manifests;

/// <summary>The manifests, read strictly into Kubernetes's own types: a field that no type knows is an error.</summary>
public sealed class KubernetesTests
{
    static readonly Dictionary<string, Type> Types = new()
    {
        ["v1/Namespace"] = typeof(V1Namespace),
        ["v1/Secret"] = typeof(V1Secret),
        ["v1/Service"] = typeof(V1Service),
        ["apps/v1/Deployment"] = typeof(V1Deployment),
        ["policy/v1/PodDisruptionBudget"] = typeof(V1PodDisruptionBudget),
        ["autoscaling/v2/HorizontalPodAutoscaler"] = typeof(V2HorizontalPodAutoscaler),
        ["networking.k8s.io/v1/NetworkPolicy"] = typeof(V1NetworkPolicy),
    };

    static string[] Files => Directory.GetFiles(ComposeFiles.Path("kubernetes"), "*.yaml");

    static IEnumerable<object> Objects =>
        Files.Where(x => !IsOther(x)).SelectMany(x => KubernetesYaml.LoadAllFromString(File.ReadAllText(x), Types, strict: true));

    [Fact]
    public void Every_manifest_is_read_strictly()
    {
        var kinds = Objects.Select(x => x.GetType().Name).Order().ToArray();

        Assert.Equal(["V1Deployment", "V1Deployment", "V1Namespace", "V1NetworkPolicy", "V1NetworkPolicy", "V1NetworkPolicy",
            "V1NetworkPolicy", "V1NetworkPolicy",
            "V1PodDisruptionBudget", "V1PodDisruptionBudget", "V1Secret", "V1Secret", "V1Secret", "V1Service",
            "V2HorizontalPodAutoscaler"], kinds);
        Assert.ThrowsAny<Exception>(() =>
            KubernetesYaml.LoadAllFromString("apiVersion: v1\nkind: Service\nspec: { prots: [] }\n", Types, strict: true));
    }

    [Fact]
    public void Every_container_has_probes_limits_and_no_rights()
    {
        foreach (var pod in Objects.OfType<V1Deployment>().Select(x => x.Spec.Template.Spec))
        {
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            var container = Assert.Single(pod.Containers);
            Assert.Equal("/health/live", container.LivenessProbe.HttpGet.Path);
            Assert.Equal("/health/live", container.StartupProbe.HttpGet.Path);
            Assert.Equal("/health/ready", container.ReadinessProbe.HttpGet.Path);
            Assert.All([container.LivenessProbe, container.StartupProbe, container.ReadinessProbe],
                x => Assert.Contains(container.Ports, p => p.Name == x.HttpGet.Port.Value));
            // Or the probe never sees what a check has to say.
            Assert.True(container.ReadinessProbe.TimeoutSeconds > new RedisHealthOptions().Timeout.TotalSeconds);
            Assert.Contains("memory", container.Resources.Limits.Keys);
            Assert.Contains("cpu", container.Resources.Requests.Keys);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.True(pod.TerminationGracePeriodSeconds > 30);
        }
    }

    [Fact]
    public void Selectors_secrets_and_scalers_name_what_there_is()
    {
        var objects = Objects.ToArray();
        var deployments = objects.OfType<V1Deployment>().ToDictionary(x => x.Metadata.Name);
        var secrets = objects.OfType<V1Secret>().ToDictionary(x => x.Metadata.Name, x => x.StringData);
        Assert.Equal(["webhooks-receivers", "webhooks-redis-ingress", "webhooks-redis-worker"], secrets.Keys.Order());
        Assert.Equal(["webhooks-ingress", "webhooks-worker"], deployments.Keys.Order());
        Assert.All(deployments.Values, x =>
        {
            Assert.Equal(x.Spec.Selector.MatchLabels,
                x.Spec.Template.Metadata.Labels.Where(l => x.Spec.Selector.MatchLabels.ContainsKey(l.Key)).ToDictionary());
            Assert.All(x.Spec.Template.Spec.Containers[0].Env.Select(e => e.ValueFrom?.SecretKeyRef).OfType<V1SecretKeySelector>(), s =>
                Assert.True(secrets.TryGetValue(s.Name, out var data) && data.ContainsKey(s.Key)));
            Assert.All(x.Spec.Template.Spec.Containers[0].EnvFrom ?? [], s => Assert.Contains(s.SecretRef.Name, secrets.Keys));
        });
        Assert.All(objects.OfType<V1PodDisruptionBudget>(),
            x => Assert.Equal(deployments[x.Metadata.Name].Spec.Selector.MatchLabels, x.Spec.Selector.MatchLabels));
        Assert.Equal(deployments["webhooks-ingress"].Spec.Selector.MatchLabels, objects.OfType<V1Service>().Single().Spec.Selector);
        Assert.Equal("webhooks-receivers",
            Assert.Single(deployments["webhooks-ingress"].Spec.Template.Spec.Containers[0].EnvFrom).SecretRef.Name);
        Assert.Contains(objects.OfType<V2HorizontalPodAutoscaler>().Single().Spec.ScaleTargetRef.Name, deployments.Keys);
        // Where a scaler decides, a number in the manifest would be set back at every deployment.
        Assert.All(deployments.Values, x => Assert.Null(x.Spec.Replicas));

        var scaled = ComposeFiles.Documents(ComposeFiles.Read("kubernetes", "worker-scaling.yaml")).Single();
        Assert.Equal("keda.sh/v1alpha1", scaled["apiVersion"].ToString());
        Assert.Contains(scaled["spec"]["scaleTargetRef"]["name"].ToString(), deployments.Keys);
        Assert.Contains("masstransit_redis_queue_depth{state=\"ready\"}", scaled["spec"]["triggers"][0]["metadata"]["query"].ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Ingress_and_workers_come_to_redis_as_different_users()
    {
        var secrets = Objects.OfType<V1Secret>().Where(x => x.StringData.ContainsKey("url"))
            .ToDictionary(x => x.Metadata.Name, x => new Uri(x.StringData["url"]).UserInfo.Split(':'));
        var used = Objects.OfType<V1Deployment>().ToDictionary(x => x.Metadata.Name,
            x => x.Spec.Template.Spec.Containers[0].Env.Select(e => e.ValueFrom?.SecretKeyRef?.Name).OfType<string>().Distinct().Single());

        Assert.Equal("webhooks-ingress", secrets[used["webhooks-ingress"]][0]);
        Assert.Equal("webhooks-worker", secrets[used["webhooks-worker"]][0]);
        Assert.Equal(2, secrets.Values.Select(x => x[1]).Distinct().Count());
        var users = ComposeFiles.Read("redis", "users.conf");
        Assert.All(secrets.Values, x => Assert.Contains($"user {x[0]} on", users, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_that_is_deployed_is_called_latest()
    {
        Assert.All(Objects.OfType<V1Deployment>().Select(x => x.Spec.Template.Spec.Containers[0].Image),
            x => Assert.Matches(@":\d+\.\d+\.\d+$", x));
        var kustomization = ComposeFiles.Documents(ComposeFiles.Read("kubernetes", "kustomization.yaml")).Single();
        Assert.All((YamlSequenceNode)kustomization["images"], x => Assert.Matches(@"^\d+\.\d+\.\d+$", x["newTag"].ToString()));
    }

    [Fact]
    public void Nobody_reaches_a_pod_but_whom_a_policy_names_and_metrics_are_for_the_monitoring_alone()
    {
        var policies = Objects.OfType<V1NetworkPolicy>().ToDictionary(x => x.Metadata.Name, x => x.Spec);
        var all = policies["default-deny"];
        Assert.True(all.PodSelector.MatchLabels is null or { Count: 0 });
        Assert.Equal(["Egress", "Ingress"], all.PolicyTypes.Order());
        Assert.True(all.Ingress is null or { Count: 0 });
        Assert.True(all.Egress is null or { Count: 0 });

        foreach (var deployment in Objects.OfType<V1Deployment>())
        {
            var labels = deployment.Spec.Template.Metadata.Labels;
            var named = policies.Values.Where(x => x.PodSelector.MatchLabels is { Count: > 0 } wanted
                && wanted.All(l => labels.TryGetValue(l.Key, out var value) && value == l.Value)).ToArray();
            var ports = deployment.Spec.Template.Spec.Containers[0].Ports.Select(x => x.Name).ToArray();
            var allowed = named.SelectMany(x => x.Ingress ?? []).ToArray();
            Assert.NotEmpty(allowed);
            // Whoever may come is named, and so is the port.
            Assert.All(allowed, x => Assert.All(x.FromProperty, f => Assert.NotEmpty(f.NamespaceSelector.MatchLabels)));
            Assert.All(allowed.SelectMany(x => x.Ports), x => Assert.Contains(x.Port.Value, ports));
            var management = Assert.Single(allowed, x => x.Ports.Any(p => p.Port.Value == "management"));
            Assert.Equal("observability",
                Assert.Single(management.FromProperty).NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]);
            // Its own traces have a way out.
            var jaeger =
                new Uri(deployment.Spec.Template.Spec.Containers[0].Env.Single(x => x.Name == "OTEL_EXPORTER_OTLP_ENDPOINT").Value);
            Assert.Contains(named.SelectMany(x => x.Egress ?? []).SelectMany(x => x.Ports), x => x.Port.Value == $"{jaeger.Port}");
        }
    }

    [Fact]
    public void The_kustomization_has_every_file_but_the_examples_of_secrets()
    {
        var kustomization = ComposeFiles.Documents(ComposeFiles.Read("kubernetes", "kustomization.yaml")).Single();

        Assert.Equal(Files.Select(x => Path.GetFileName(x)!).Except(["kustomization.yaml", "redis-secret.example.yaml",
            "redis-secret.yaml", "receivers-secret.example.yaml", "receivers-secret.yaml"]).Order(),
            ((YamlSequenceNode)kustomization["resources"]).Select(x => x.ToString()).Order());
        var ignored = File.ReadAllLines(Path.Combine(ComposeFiles.Root, ".gitignore"));
        Assert.Contains("compose/kubernetes/redis-secret.yaml", ignored);
        Assert.Contains("compose/kubernetes/receivers-secret.yaml", ignored);
    }

    static bool IsOther(string file) => Path.GetFileName(file) is "kustomization.yaml" or "worker-scaling.yaml";
}
