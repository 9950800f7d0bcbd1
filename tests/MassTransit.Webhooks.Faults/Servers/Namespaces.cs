using MassTransit.RedisTransport.Testing.Processes;
using MassTransit.Webhooks.Faults.Scenarios;

namespace MassTransit.Webhooks.Faults.Servers;

/// <summary>
/// Two network namespaces, each with one address, linked to each other and to this machine's own by links that can be taken down one by
/// one.
/// </summary>
internal sealed class Namespaces : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    readonly string _id = $"{Environment.ProcessId % 10_000:x}{Random.Shared.Next(256):x2}";
    readonly string _subnet = $"10.{Random.Shared.Next(64, 250)}.{Random.Shared.Next(1, 250)}";

    Namespaces()
    {
    }

    public string FirstAddress => $"{_subnet}.1";

    public string SecondAddress => $"{_subnet}.2";

    public string[] InFirst => ["ip", "netns", "exec", First];

    public string[] InSecond => ["ip", "netns", "exec", Second];

    string First => $"fa{_id}";

    string Second => $"fb{_id}";

    /// <exception cref="NotOnThisMachineException">Only root may make namespaces, and only with iproute2.</exception>
    public static Namespaces Create()
    {
        if (Executable.Find("ip") is null)
            throw new NotOnThisMachineException("network namespaces need the program ip (iproute2)");
        var made = new Namespaces();
        try
        {
            made.SetUp();
            return made;
        }
        catch (NotOnThisMachineException)
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>This machine's own address, as both see it.</summary>
    public string Own => $"{_subnet}.3";

    /// <summary>Takes the link between the first and this machine down or up.</summary>
    public void LinkOutside(bool up) => Ip($"-n {First} link set a{_id} {(up ? "up" : "down")}",
        up ? $"-n {First} route replace {Own} dev a{_id} src {FirstAddress}" : null);

    /// <summary>Takes the link between the two down or up.</summary>
    public void Link(bool up) => Ip($"-n {First} link set x{_id} {(up ? "up" : "down")}",
        up ? $"-n {First} route replace {SecondAddress} dev x{_id} src {FirstAddress}" : null);

    public void Dispose()
    {
        foreach (var name in new[] { First, Second })
            Try($"netns del {name}");
        foreach (var link in new[] { $"p{_id}", $"q{_id}" })
            Try($"link del {link}");
        Try($"addr del {Own}/32 dev lo");
    }

    void SetUp()
    {
        Ip($"netns add {First}", $"netns add {Second}", $"addr add {Own}/32 dev lo");
        Ip($"-n {First} link set lo up", $"-n {First} addr add {FirstAddress}/32 dev lo", $"-n {Second} link set lo up",
            $"-n {Second} addr add {SecondAddress}/32 dev lo");
        Join($"p{_id}", First, $"a{_id}", FirstAddress);
        Join($"q{_id}", Second, $"b{_id}", SecondAddress);
        Ip($"-n {First} link add x{_id} type veth peer name y{_id} netns {Second}");
        Ip($"-n {First} link set x{_id} up", $"-n {Second} link set y{_id} up");
        Ip($"-n {First} route add {SecondAddress} dev x{_id} src {FirstAddress}",
            $"-n {Second} route add {FirstAddress} dev y{_id} src {SecondAddress}");
    }

    void Join(string outside, string name, string inside, string address)
    {
        Ip($"link add {outside} type veth peer name {inside} netns {name}");
        Ip($"link set {outside} up", $"-n {name} link set {inside} up");
        Ip($"route add {address} dev {outside} src {Own}", $"-n {name} route add {Own} dev {inside} src {address}");
    }

    static void Ip(params string?[] commands)
    {
        foreach (var command in commands)
        {
            if (command is not null && !Try(command))
                throw new NotOnThisMachineException($"network namespaces cannot be made here (root may): ip {command}");
        }
    }

    static bool Try(string command) => Executable.Run(Executable.Find("ip")!, Limit, command.Split(' ')) is not null;
}
