using System.Net.Http.Json;
using System.Text.Json;
using MassTransit.RedisTransport.Testing;
using MassTransit.RedisTransport.Testing.Processes;
using YamlDotNet.RepresentationModel;

namespace MassTransit.Webhooks.Compose.Tests.Support;

/// <summary>Prometheus on the repository's configuration and rules; only whom it fetches from, and how often, is replaced.</summary>
sealed class PrometheusServer(string target) : ManagedServer("prometheus", 0)
{
    static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public override string ConnectionString => $"http://127.0.0.1:{Port}";

    public static string? Promtool => Executable.Find("promtool");

    protected override string? Missing() => Executable.Find("prometheus") is null ? "no prometheus on the PATH" : null;

    internal override async Task<ServerInstance> LaunchAsync()
    {
        var file = Folder.File("prometheus.yml");
        Directory.CreateDirectory(Folder.File("rules"));
        foreach (var rules in Directory.GetFiles(ComposeFiles.Path("prometheus", "rules")))
            File.Copy(rules, Path.Combine(Folder.File("rules"), Path.GetFileName(rules)), overwrite: true);
        await File.WriteAllTextAsync(file, Configuration());
        return await ProcessInstance.StartAsync(Executable.Find("prometheus")!,
            [$"--config.file={file}", $"--storage.tsdb.path={Folder.File("data")}", $"--web.listen-address=127.0.0.1:{Port}"], Folder.Path);
    }

    protected override async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await Http.GetAsync(new Uri($"{ConnectionString}/-/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>What a query returns: one entry a series, its labels and its value.</summary>
    public async Task<IReadOnlyList<(string Labels, double Value)>> QueryAsync(string query)
    {
        using var response = await Http.GetAsync(new Uri($"{ConnectionString}/api/v1/query?query={Uri.EscapeDataString(query)}"));
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        if (answer.GetProperty("status").GetString() != "success")
            throw new InvalidOperationException($"{query}: {answer}");
        return [.. answer.GetProperty("data").GetProperty("result").EnumerateArray().Select(x =>
            (x.GetProperty("metric").ToString(), double.Parse(x.GetProperty("value")[1]
                .GetString()!.Replace("NaN", "0", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture)))];
    }

    /// <summary>The rules, as it judges them: name, health, last error.</summary>
    public async Task<IReadOnlyList<(string Name, string Health, string State)>> RulesAsync()
    {
        var answer = await Http.GetFromJsonAsync<JsonElement>(new Uri($"{ConnectionString}/api/v1/rules"));
        return [.. answer.GetProperty("data").GetProperty("groups").EnumerateArray()
            .SelectMany(x => x.GetProperty("rules").EnumerateArray())
            .Select(x => (x.GetProperty("name").GetString()!, x.GetProperty("health").GetString()!, x.GetProperty("state").GetString()!))];
    }

    string Configuration()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(ComposeFiles.Read("prometheus", "prometheus.yml")));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        var global = (YamlMappingNode)root["global"];
        global.Children["scrape_interval"] = "1s";
        global.Children["evaluation_interval"] = "1s";
        foreach (var job in ((YamlSequenceNode)root["scrape_configs"]).Cast<YamlMappingNode>())
        {
            if (!job.Children.Remove("dns_sd_configs"))
                throw new InvalidOperationException("A job has no dns_sd_configs to replace.");
            job.Add("static_configs", new YamlSequenceNode(new YamlMappingNode("targets", new YamlSequenceNode(target))));
        }

        using var writer = new StringWriter();
        stream.Save(writer, assignAnchors: false);
        return writer.ToString();
    }
}
