using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace MassTransit.Webhooks.ArchitectureTests;

/// <summary>
/// One package: its rooms (folders), and who knows whom. Dependencies are those of the compiled assembly, by ArchUnitNET. The room
/// of a type is the folder of its source file: public types have the namespace of MassTransit's, wherever they lie.
/// </summary>
sealed partial class Package
{
    readonly Dictionary<(string Namespace, string Name), string> _rooms = [];

    public Package(string name)
    {
        Name = name;
        foreach (var (path, text) in Sources.Of(name))
        {
            var end = path.LastIndexOf('/');
            var room = end < 0 ? "" : path[..end];
            var space = Namespace().Match(text).Groups[1].Value;
            foreach (Match declaration in Declaration().Matches(text))
                _rooms[(space, declaration.Groups[1].Value)] = room;
        }

        var architecture = new ArchLoader().LoadAssemblies(System.Reflection.Assembly.Load(name)).Build();
        foreach (var type in architecture.Types)
        {
            if (RoomOf(type) is { } room)
                Types.Add((room, type));
        }
    }

    public string Name { get; }

    /// <summary>Every type, nested ones too, with its room.</summary>
    public List<(string Room, IType Type)> Types { get; } = [];

    public IEnumerable<string> Rooms => Types.Select(x => x.Room).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>From room to room, and which types know which.</summary>
    public ILookup<(string From, string To), string> Arrows =>
        Dependencies().Where(x => RoomOf(x.Target) is { } to && to != x.Room)
            .Select(x => (x.Room, To: RoomOf(x.Target)!, Names: $"{Short(x.Origin)} -> {Short(x.Target)}")).Distinct()
            .ToLookup(x => (x.Room, x.To), x => x.Names);

    /// <summary>Rooms with their types, arrows with the number of pairs of types that make them.</summary>
    public string Describe()
    {
        var arrows = Arrows;
        return string.Join('\n', Rooms.Select(x => $"{x} ({Types.Count(y => y.Room == x)} types)" + string.Concat(
            arrows.Where(y => y.Key.From == x).OrderBy(y => y.Key.To, StringComparer.Ordinal)
                .Select(y => $"\n    -> {y.Key.To}: {y.Count()}")))
            .Prepend($"{Name}: {Rooms.Count()} rooms, {arrows.Count} arrows"));
    }

    /// <summary>What of other assemblies is used, and where.</summary>
    public IEnumerable<(string Room, string Type, string Assembly, string Target)> Foreign() =>
        Dependencies().Where(x => RoomOf(x.Target) is null && AssemblyOf(x.Target) != Name)
            .Select(x => (x.Room, Short(x.Origin), AssemblyOf(x.Target), x.Target.FullName)).Distinct();

    /// <summary>Calls of methods of other assemblies.</summary>
    public IEnumerable<(string Room, string Type, string Target, string Method)> Calls() =>
        Types.SelectMany(x => x.Type.Dependencies.OfType<ArchUnitNET.Domain.Dependencies.MethodCallDependency>()
            .Select(y => (x.Room, Short(x.Type), y.Target.FullName, y.TargetMember.Name))).Distinct();

    IEnumerable<(string Room, IType Origin, IType Target)> Dependencies() =>
        Types.SelectMany(x => x.Type.Dependencies.Select(y => (x.Room, x.Type, y.Target)));

    /// <summary><c>null</c> for what is of no file of this package; a generic parameter has no namespace even.</summary>
    string? RoomOf(IType type) => type.Namespace is { } space ? _rooms.GetValueOrDefault((space.FullName, Outermost(type))) : null;

    /// <summary>The full name has it all: <c>Space.Outer`1+Inner</c>.</summary>
    static string Outermost(IType type)
    {
        var name = type.Namespace is { FullName.Length: > 0 } space ? type.FullName[(space.FullName.Length + 1)..] : type.FullName;
        var end = name.IndexOfAny(['+', '/', '`', '<', '[']);
        return end < 0 ? name : name[..end];
    }

    static string Short(IType type) => Outermost(type);

    static string AssemblyOf(IType type)
    {
        var name = type.Assembly?.Name ?? "";
        var end = name.IndexOf(',', StringComparison.Ordinal);
        return end < 0 ? name : name[..end];
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    /// <summary>At the beginning of a line: namespaces are of the file's scope, so that what is nested is indented.</summary>
    [GeneratedRegex(
        @"^(?:(?:public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe) )*"
            + @"(?:class|record struct|record class|record|struct|interface|enum|delegate [\w<>\[\]?.]+) (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
