using System.Reflection;

namespace MassTransit.RedisTransport.Scripts;

/// <summary>
/// All scripts of the transport. They are read once from the assembly and joined with the fragment that all of them share.
/// </summary>
internal static class ScriptCatalog
{
    const string Fragment = "_queue";

    public static RedisScript Send { get; } = Load("send");

    public static RedisScript Lease { get; } = Load("lease");

    public static RedisScript Recover { get; } = Load("recover");

    public static RedisScript Fetch { get; } = Load("fetch");

    public static RedisScript Sweep { get; } = Load("sweep");

    public static RedisScript Settle { get; } = Load("settle");

    public static RedisScript Renew { get; } = Load("renew");

    public static RedisScript Release { get; } = Load("release");

    public static RedisScript Move { get; } = Load("move");

    public static RedisScript PutOff { get; } = Load("putoff");

    public static RedisScript Split { get; } = Load("split");

    public static RedisScript Requeue { get; } = Load("requeue");

    public static RedisScript Declare { get; } = Load("declare");

    public static RedisScript Touch { get; } = Load("touch");

    public static RedisScript Cancel { get; } = Load("cancel");

    public static RedisScript Remove { get; } = Load("remove");

    public static RedisScript Peek { get; } = Load("peek");

    public static RedisScript Page { get; } = Load("page");

    public static RedisScript Read { get; } = Load("read");

    public static RedisScript Count { get; } = Load("count");

    public static RedisScript Audit { get; } = Load("audit");

    public static RedisScript Beat { get; } = Load("beat");

    public static RedisScript Receivers { get; } = Load("receivers");

    public static RedisScript History { get; } = Load("history");

    static RedisScript Load(string name) => new(name, Text(Fragment) + "\n" + Text(name));

    static string Text(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name + ".lua")
            ?? throw new InvalidOperationException($"The script '{name}.lua' is not embedded in {Assembly.GetExecutingAssembly()}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
