// dotnet tool restore && dotnet cake --target=Test
var target = Argument("target", "Default");
var configuration = Argument("configuration", "Release");

const string Solution = "MassTransit.Webhooks.sln";
const string Packages = "artifacts/packages";
const string Benchmarks = "tests/MassTransit.Webhooks.Benchmarks/MassTransit.Webhooks.Benchmarks.csproj";
const string Faults = "tests/MassTransit.Webhooks.Faults/MassTransit.Webhooks.Faults.csproj";

Task("Clean")
    .Description("Deletes what builds have made")
    .Does(() =>
{
    CleanDirectories("artifacts");
    CleanDirectories("{src,tests,samples}/*/{bin,obj}");
});

Task("Build")
    .Description("Builds everything, warnings as errors")
    .Does(() => DotNetBuild(Solution, new DotNetBuildSettings { Configuration = configuration, NoLogo = true }));

Task("Test")
    .Description("Runs every test: --filter=<expression> for some")
    .IsDependentOn("Build")
    .Does(() => DotNetTest(Solution, new DotNetTestSettings
    {
        Configuration = configuration,
        NoBuild = true,
        NoLogo = true,
        Filter = Argument<string>("filter", null)
    }));

Task("Bench")
    .Description("Runs the benchmarks, with the arguments behind --: dotnet cake --target=Bench -- throughput")
    .Does(() =>
{
    if (!FileExists(Benchmarks))
        throw new CakeException($"There are no benchmarks: {Benchmarks} is missing.");

    DotNetRun(Benchmarks, OwnArguments(), new DotNetRunSettings { Configuration = "Release" });
});

Task("Faults")
    .Description("Makes every fault and writes docs/faults.md; or with the arguments behind --: dotnet cake --target=Faults -- sentinel --short")
    .Does(() =>
{
    var arguments = OwnArguments();
    // All of it is what the document shows; a part of it would leave the table with holes.
    if (arguments.IsNullOrEmpty())
        arguments.Append("--markdown").AppendQuoted("docs/faults.md");
    DotNetRun(Faults, arguments, new DotNetRunSettings { Configuration = "Release" });
});

Task("Mutate")
    .Description("Changes signatures, records and bundles in a thousand small ways, and counts which the tests notice: artifacts/mutation")
    .Does(() =>
{
    // Each of these folders has a stryker-config.json, which says what is changed and by which tests it is judged.
    foreach (var config in GetFiles("tests/*/stryker-config.json"))
    {
        var project = config.GetDirectory();
        var output = MakeAbsolute(Directory("artifacts/mutation")).Combine(project.GetDirectoryName());
        DotNetTool("dotnet-stryker", new DotNetToolSettings
        {
            WorkingDirectory = project,
            ArgumentCustomization = x => x.Append("--output").AppendQuoted(output.FullPath)
        });
    }
});

Task("Pack")
    .Description("Packs every packable project, with symbols, to " + Packages)
    .Does(() =>
{
    CleanDirectories(Packages);
    DotNetPack(Solution, new DotNetPackSettings { Configuration = configuration, OutputDirectory = Packages, NoLogo = true });
    foreach (var package in GetFiles(Packages + "/*.nupkg"))
        Information("{0}", package.GetFilename());
});

Task("Default").IsDependentOn("Test");

ProcessArgumentBuilder OwnArguments()
{
    // What is behind the first "--" of the command line is for the program that the target runs.
    var all = System.Environment.GetCommandLineArgs();
    var own = System.Array.IndexOf(all, "--");
    var arguments = new ProcessArgumentBuilder();
    if (own >= 0)
    {
        foreach (var argument in all[(own + 1)..])
            arguments.AppendQuoted(argument);
    }

    return arguments;
}

RunTarget(target);
