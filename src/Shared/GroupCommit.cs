namespace MassTransit.Shared;

/// <summary>A group of entries that are committed together, and the callers that wait for them.</summary>
internal interface ICommitGroup<TEntry>
{
    /// <summary>Returns false if the entry does not fit. The group is then closed, and the entry opens the next one.</summary>
    bool HasRoomFor(in TEntry entry);

    /// <summary>Adds the entry. It is called while the gate is held, so it must be short and must not throw.</summary>
    /// <returns>The entry's place in the group.</returns>
    int Add(in TEntry entry);

    /// <summary>
    /// True if the failure means that the server cannot be reached; false if the commit failed because nobody waited for it any more.
    /// </summary>
    bool IsOutage(Exception exception);

    /// <summary>Tells all waiting callers that the commit has failed. Must not throw.</summary>
    void Fail(Exception exception);
}

/// <summary>
/// Commits entries in groups: while a commit is under way, the next entries gather in a group, and one call commits the whole group. So a
/// single entry is committed at once, and a thousand at a time share a few calls.
/// </summary>
/// <remarks>
/// Commits run in an empty execution context, without the activity and the async locals of the caller that started them. Under load the
/// loop never ends, and all its spans would otherwise become children of that one caller's span.
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

    /// <param name="open">Creates an empty group. It is called while the gate is held.</param>
    /// <param name="commit">
    /// Commits a group and tells all waiting callers that it is done. If it throws, <see cref="ICommitGroup{TEntry}.Fail"/> is called.
    /// </param>
    /// <param name="maxUnderWay">How many commits run at a time.</param>
    /// <param name="startsOnPool">
    /// False: the first commit begins on the thread of the caller that adds. True: it begins on a pool thread, which frees the caller's
    /// thread and lets the group grow until then.
    /// </param>
    public GroupCommit(Func<TGroup> open, Func<TGroup, Task> commit, int maxUnderWay = 1, bool startsOnPool = false)
    {
        _open = open;
        _commit = commit;
        _maxUnderWay = maxUnderWay;
        _startsOnPool = startsOnPool;
    }

    /// <summary>
    /// The lock that is held while entries join a group. A lane that reads a group which may still grow must hold it too.
    /// </summary>
    public Lock Gate { get; } = new();

    /// <summary>The exception of the last commit; <c>null</c> if it succeeded.</summary>
    public Exception? Outage => _outage;

    /// <summary>True if no entry waits and no commit is under way.</summary>
    public bool IsIdle
    {
        get
        {
            lock (Gate)
                return _underWay == 0;
        }
    }

    /// <summary>Adds an entry to the group that is gathering.</summary>
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
    /// Takes the place of a commit if none is under way. A caller that finds nobody to share a group with can then work without one.
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

    /// <summary>Ends what <see cref="TryEnter"/> began, and starts to commit the entries that have gathered meanwhile.</summary>
    /// <param name="outage">The exception of the caller's work; <c>null</c> if it succeeded.</param>
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
                // The exception is handed to every caller that waits for the group, so none is swallowed here.
                if (group.IsOutage(exception))
                    _outage = exception;
                group.Fail(exception);
            }
        }
    }

    /// <summary>Takes the next group. If there is none, returns <c>null</c> and gives the caller's place back.</summary>
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
/// The execution context of a new thread: it has no activity and no async locals. Unlike with suppressed flow, values that are set in it
/// still flow on to the code that it calls.
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
        return context
            ?? throw new InvalidOperationException("A thread was started without its caller's context, and has none of its own.");
    }
}
