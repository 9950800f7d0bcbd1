namespace MassTransit.Shared;

/// <summary>What is committed together, and who waits for it.</summary>
internal interface ICommitGroup<TEntry>
{
    /// <summary>False closes the group: the entry opens the next one.</summary>
    bool HasRoomFor(in TEntry entry);

    /// <summary>Takes the entry in. The gate is held: must be short, and must not throw.</summary>
    /// <returns>The entry's place in the group.</returns>
    int Add(in TEntry entry);

    /// <summary>True if the failure says that the server is away; false if nobody waited for the commit any more, so that it says nothing of the server.</summary>
    bool IsOutage(Exception exception);

    /// <summary>Tells everyone who waits that the commit has failed. Must not throw.</summary>
    void Fail(Exception exception);
}

/// <summary>
/// Group commit: while commits are under way the next entries gather in groups, and each group is committed by one call. So a
/// single entry waits for nothing, and a thousand at a time share a few calls.
/// </summary>
/// <remarks>
/// Commits run in a context of their own, without the activity and the locals of whoever happened to come first: a lane under
/// load never ends, and all that it does would hang below that one caller.
/// </remarks>
internal sealed class GroupCommit<TGroup, TEntry>
    where TGroup : class, ICommitGroup<TEntry>
{
    readonly Func<TGroup> _open;
    readonly Func<TGroup, Task> _commit;
    readonly int _maxUnderWay;
    readonly bool _startsOnPool;
    readonly Queue<TGroup> _waiting = new();
    TGroup? _gathering;
    volatile Exception? _outage;
    int _underWay;

    /// <param name="open">Makes an empty group. The gate is held.</param>
    /// <param name="commit">Commits a group and tells everyone who waits that it is done. Where it throws, the group is told to fail.</param>
    /// <param name="maxUnderWay">How many commits run at a time.</param>
    /// <param name="startsOnPool">
    /// False: the first commit begins on the thread of whoever adds. True: on one of the pool, which spares that thread, and lets
    /// the group grow till then.
    /// </param>
    public GroupCommit(Func<TGroup> open, Func<TGroup, Task> commit, int maxUnderWay = 1, bool startsOnPool = false)
    {
        _open = open;
        _commit = commit;
        _maxUnderWay = maxUnderWay;
        _startsOnPool = startsOnPool;
    }

    /// <summary>Held while entries join their groups. A lane that looks into groups which still grow holds it, too.</summary>
    public Lock Gate { get; } = new();

    /// <summary>How the last commit failed; <c>null</c> if it did not.</summary>
    public Exception? Outage => _outage;

    /// <summary>Nothing waits and nothing is under way.</summary>
    public bool IsIdle
    {
        get
        {
            lock (Gate)
                return _underWay == 0;
        }
    }

    /// <summary>Adds an entry to the group that gathers.</summary>
    /// <returns>The group, and the entry's place in it.</returns>
    public (TGroup Group, int Index) Add(in TEntry entry)
    {
        TGroup group;
        int index;
        bool start;
        lock (Gate)
        {
            if (_gathering is null || !_gathering.HasRoomFor(entry))
                _waiting.Enqueue(_gathering = _open());
            group = _gathering;
            index = group.Add(entry);
            start = _underWay < _maxUnderWay;
            if (start)
                _underWay++;
        }

        if (start)
            Start();
        return (group, index);
    }

    /// <summary>
    /// Takes the place of a commit if none is under way, for what needs no group as there is nobody to share it with.
    /// <see cref="Leave"/> gives the place back.
    /// </summary>
    public bool TryEnter()
    {
        if (Volatile.Read(ref _underWay) > 0)
            return false;

        lock (Gate)
        {
            if (_underWay > 0)
                return false;
            _underWay = 1;
            return true;
        }
    }

    /// <summary>After <see cref="TryEnter"/>: what has gathered meanwhile is committed.</summary>
    /// <param name="outage">How it failed; <c>null</c> if it did not.</param>
    public void Leave(Exception? outage)
    {
        _outage = outage;
        Start();
    }

    void Start()
    {
        if (_startsOnPool)
            ThreadPool.UnsafeQueueUserWorkItem(static commits => _ = commits.RunAsync(), this, preferLocal: false);
        else
            EmptyContext.Run(static commits => _ = ((GroupCommit<TGroup, TEntry>)commits!).RunAsync(), this);
    }

    async Task RunAsync()
    {
        while (TakeGroup() is { } group)
        {
            try
            {
                await _commit(group).ConfigureAwait(false);
                _outage = null;
            }
            catch (Exception exception)
            {
                // Told to everyone who waits for the group; nothing is swallowed here.
                if (group.IsOutage(exception))
                    _outage = exception;
                group.Fail(exception);
            }
        }
    }

    /// <summary>The next group; none: the caller's turn is over.</summary>
    TGroup? TakeGroup()
    {
        lock (Gate)
        {
            if (!_waiting.TryDequeue(out var group))
            {
                _underWay--;
                return null;
            }

            if (ReferenceEquals(group, _gathering))
                _gathering = null;
            return group;
        }
    }
}

/// <summary>
/// The context that a new thread has: no activity and no locals. Other than where the flow is suppressed, what is set in it
/// flows on from there.
/// </summary>
internal static class EmptyContext
{
    static readonly ExecutionContext Value = Capture();

    public static void Run(ContextCallback callback, object state) => ExecutionContext.Run(Value, callback, state);

    static ExecutionContext Capture()
    {
        ExecutionContext? context = null;
        var thread = new Thread(() => context = ExecutionContext.Capture()) { IsBackground = true };
        thread.UnsafeStart();
        thread.Join();
        return context ?? throw new InvalidOperationException("A thread was started without its caller's context, and has none of its own.");
    }
}
