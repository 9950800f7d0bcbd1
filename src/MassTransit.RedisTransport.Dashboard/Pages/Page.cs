using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>What is shown: as HTML, and as JSON for tools.</summary>
internal abstract class Page
{
    public abstract string Title { get; }

    /// <summary>The entry of the navigation that it belongs to.</summary>
    public virtual Section Section => Section.None;

    /// <summary>The queues whose figures are updated while the page is open.</summary>
    public virtual IReadOnlyList<string> LiveQueues => [];

    /// <summary>The operations that are followed while the page is open.</summary>
    public virtual IReadOnlyList<string> LiveOperations => [];

    /// <summary>What a client gets that asks for JSON.</summary>
    public abstract object Data { get; }

    public abstract void Write(Html html, OpsRequest request);
}

internal enum Section
{
    None,
    Now,
    Queues,
    Dead,
    Workers,
    Operations,
    Trash,
    Audit,
    About,
}
