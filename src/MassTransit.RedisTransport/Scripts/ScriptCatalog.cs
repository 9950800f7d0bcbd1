using System.Reflection;

namespace MassTransit.RedisTransport.Scripts;

/// <summary>
/// All scripts of the transport. They are read once from the assembly and joined with the fragment that all of them share, and with those
/// that some of them share.
/// </summary>
internal static class ScriptCatalog
{
    const string Fragment = "_queue";
    const string GroupsFragment = "_groups";
    const string OperationFragment = "_operation";
    const string TrashFragment = "_trash";

    public static RedisScript Send { get; } = Load("send");

    public static RedisScript Lease { get; } = Load("lease");

    public static RedisScript Recover { get; } = Load("recover");

    public static RedisScript Fetch { get; } = Load("fetch");

    public static RedisScript Sweep { get; } = Load("sweep");

    public static RedisScript Settle { get; } = Load("settle");

    public static RedisScript Renew { get; } = Load("renew");

    public static RedisScript Release { get; } = Load("release");

    public static RedisScript Move { get; } = Load("move", GroupsFragment);

    public static RedisScript PutOff { get; } = Load("putoff");

    public static RedisScript Split { get; } = Load("split");

    public static RedisScript Requeue { get; } = Load("requeue", OperationFragment, TrashFragment);

    public static RedisScript Declare { get; } = Load("declare");

    public static RedisScript Touch { get; } = Load("touch");

    public static RedisScript Cancel { get; } = Load("cancel");

    public static RedisScript Remove { get; } = Load("remove");

    public static RedisScript Control { get; } = Load("control");

    public static RedisScript Peek { get; } = Load("peek");

    public static RedisScript Page { get; } = Load("page");

    public static RedisScript Find { get; } = Load("find");

    public static RedisScript Read { get; } = Load("read");

    public static RedisScript Newest { get; } = Load("newest");

    public static RedisScript Count { get; } = Load("count");

    public static RedisScript Audit { get; } = Load("audit");

    public static RedisScript Beat { get; } = Load("beat");

    public static RedisScript Receivers { get; } = Load("receivers");

    public static RedisScript History { get; } = Load("history");

    public static RedisScript Groups { get; } = Load("groups", GroupsFragment);

    public static RedisScript Ungrouped { get; } = Load("ungrouped");

    public static RedisScript Classify { get; } = Load("classify", GroupsFragment);

    public static RedisScript Recount { get; } = Load("recount", GroupsFragment);

    public static RedisScript Note { get; } = Load("note");

    public static RedisScript Start { get; } = Load("start", OperationFragment);

    public static RedisScript Own { get; } = Load("own", OperationFragment);

    public static RedisScript Order { get; } = Load("order", OperationFragment);

    public static RedisScript Discard { get; } = Load("discard", OperationFragment, TrashFragment);

    public static RedisScript Trash { get; } = Load("trash", TrashFragment);

    public static RedisScript Restore { get; } = Load("restore", GroupsFragment);

    public static RedisScript Import { get; } = Load("import", GroupsFragment);

    static RedisScript Load(string name, params ReadOnlySpan<string> fragments)
    {
        var text = Text(Fragment) + "\n";
        foreach (var fragment in fragments)
            text += Text(fragment) + "\n";
        return new RedisScript(name, text + Text(name));
    }

    static string Text(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name + ".lua")
            ?? throw new InvalidOperationException($"The script '{name}.lua' is not embedded in {Assembly.GetExecutingAssembly()}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
