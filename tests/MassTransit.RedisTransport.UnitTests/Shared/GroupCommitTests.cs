using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit.Shared;

namespace MassTransit.RedisTransport.UnitTests.Shared;

/// <summary>The loop alone, before a server that a test plays.</summary>
public sealed class GroupCommitTests
{
    static readonly AsyncLocal<string?> Local = new();
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    readonly Server _server = new();

    [Fact]
    public async Task Entry_that_comes_alone_is_committed_before_its_adding_returns()
    {
        var commits = Commits();

        var (group, index) = commits.Add("a");

        Assert.Equal(0, index);
        Assert.Equal("a", await _server.NextAsync());
        Assert.False(commits.IsIdle);
        _server.Answer();
        await group.Done.WaitAsync(Bound);
    }

    [Fact]
    public async Task What_comes_while_a_commit_is_under_way_shares_the_next()
    {
        var commits = Commits();
        commits.Add("a");
        Assert.Equal("a", await _server.NextAsync());

        var added = "bcd".Select(x => commits.Add($"{x}")).ToArray();

        Assert.Equal([0, 1, 2], added.Select(x => x.Index));
        Assert.Single(added.Select(x => x.Group).Distinct());
        _server.Answer();
        Assert.Equal("b c d", await _server.NextAsync());
        _server.Answer();
        await added[0].Group.Done.WaitAsync(Bound);
        await IdleAsync(commits);
    }

    [Fact]
    public async Task Groups_are_as_large_as_they_may_be_and_keep_the_order()
    {
        var commits = Commits(most: 3);
        commits.Add("a");
        Assert.Equal("a", await _server.NextAsync());
        foreach (var entry in "bcdefgh")
            commits.Add($"{entry}");

        foreach (var expected in new[] { "b c d", "e f g", "h" })
        {
            _server.Answer();
            Assert.Equal(expected, await _server.NextAsync());
        }

        _server.Answer();
        await IdleAsync(commits);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_more_commits_run_at_a_time_than_may(int most)
    {
        var commits = Commits(most: 1, maxUnderWay: most);

        for (var i = 0; i < 10; i++)
            commits.Add($"{i}");

        Assert.Equal(most, _server.UnderWay);
        for (var i = 0; i < 10; i++)
        {
            await _server.NextAsync();
            Assert.InRange(_server.UnderWay, 0, most);
            _server.Answer();
        }

        await IdleAsync(commits);
    }

    [Fact]
    public async Task Failure_is_told_to_its_group_alone_and_kept_in_mind_until_a_commit_succeeds()
    {
        var commits = Commits();
        var first = commits.Add("a").Group;
        var second = commits.Add("b").Group;
        Assert.Null(commits.Outage);

        var outage = new TimeoutException("away");
        _server.Answer(outage);
        Assert.Same(outage, await Assert.ThrowsAsync<TimeoutException>(() => first.Done.WaitAsync(Bound)));
        Assert.Equal(["a", "b"], [await _server.NextAsync(), await _server.NextAsync()]);
        Assert.Same(outage, commits.Outage);
        Assert.False(second.Done.IsCompleted);

        _server.Answer();
        await second.Done.WaitAsync(Bound);
        await IdleAsync(commits);
        Assert.Null(commits.Outage);
    }

    [Fact]
    public async Task Failure_of_what_nobody_waited_for_is_no_outage_and_ends_none()
    {
        var commits = Commits();
        var outage = new TimeoutException("away");
        foreach (var (entry, failure) in new (string, Exception)[] { ("a", outage), ("forsaken", new OperationCanceledException()) })
        {
            var group = commits.Add(entry).Group;
            await _server.NextAsync();
            _server.Answer(failure);
            await Assert.ThrowsAnyAsync<Exception>(() => group.Done.WaitAsync(Bound));
            await IdleAsync(commits);
            Assert.Same(outage, commits.Outage);
        }
    }

    [Fact]
    public async Task Commit_that_throws_before_it_is_a_task_fails_its_group_and_no_other()
    {
        var commits = new GroupCommit<Group, string>(() => new Group(10), group => group.Text == "bad"
            ? throw new InvalidOperationException("at once")
            : _server.CommitAsync(group));

        var bad = commits.Add("bad").Group;

        await Assert.ThrowsAsync<InvalidOperationException>(() => bad.Done.WaitAsync(Bound));
        var good = commits.Add("good").Group;
        await _server.NextAsync();
        _server.Answer();
        await good.Done.WaitAsync(Bound);
    }

    [Fact]
    public async Task Place_taken_without_a_group_lets_others_gather_and_remembers_how_it_ended()
    {
        var commits = Commits(maxUnderWay: 1);
        Assert.True(commits.TryEnter());
        Assert.False(commits.TryEnter());
        commits.Add("a");
        commits.Add("b");
        Assert.Equal(0, _server.UnderWay);
        Assert.False(commits.IsIdle);

        var outage = new TimeoutException("away");
        commits.Leave(outage);

        Assert.Equal("a b", await _server.NextAsync());
        Assert.Same(outage, commits.Outage);
        _server.Answer();
        await IdleAsync(commits);
        Assert.Null(commits.Outage);
        Assert.True(commits.TryEnter());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commits_see_neither_the_activity_nor_the_locals_of_who_adds(bool startsOnPool)
    {
        var seen = new ConcurrentQueue<(string?, Activity?)>();
        var commits = new GroupCommit<Group, string>(() => new Group(1), async group =>
        {
            seen.Enqueue((Local.Value, Activity.Current));
            await _server.CommitAsync(group);
            seen.Enqueue((Local.Value, Activity.Current));
        }, startsOnPool: startsOnPool);
        using var activity = new Activity("the first sender's").Start();
        Local.Value = "the first sender's";

        commits.Add("a");
        await _server.NextAsync();
        commits.Add("b");
        _server.Answer();
        await _server.NextAsync();
        _server.Answer();
        await IdleAsync(commits);
        Assert.True(commits.TryEnter());
        commits.Add("c");
        commits.Leave(null);
        await _server.NextAsync();
        _server.Answer();
        await IdleAsync(commits);

        Assert.Equal(Enumerable.Repeat<(string?, Activity?)>((null, null), 6), seen);
        Assert.Equal("the first sender's", Local.Value);
        Assert.Same(activity, Activity.Current);
    }

    [Fact]
    public async Task What_a_commit_sets_in_its_context_flows_on_within_it()
    {
        var seen = new ConcurrentQueue<string?>();
        var commits = new GroupCommit<Group, string>(() => new Group(1), async group =>
        {
            seen.Enqueue(Local.Value);
            Local.Value = group.Text;
            await _server.CommitAsync(group);
            seen.Enqueue(Local.Value);
        });

        foreach (var entry in new[] { "a", "b" })
        {
            commits.Add(entry);
            await _server.NextAsync();
            _server.Answer();
            await IdleAsync(commits);
        }

        Assert.Equal([null, "a", null, "b"], seen);
    }

    [Fact]
    public async Task Many_senders_at_once_lose_nothing_and_commit_each_entry_once()
    {
        const int senders = 8, each = 2_000;
        var committed = new ConcurrentBag<string>();
        var commits = new GroupCommit<Group, string>(() => new Group(50), async group =>
        {
            await Task.Yield();
            foreach (var entry in group.Entries)
                committed.Add(entry);
            group.Complete();
        }, maxUnderWay: 2);

        await Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                var group = commits.Add($"{sender}-{i}").Group;
                if (i % 7 == 0)
                    await group.Done.WaitAsync(Bound);
            }
        }))).WaitAsync(Bound);
        await IdleAsync(commits);

        Assert.Equal(senders * each, committed.Count);
        Assert.Equal(senders * each, committed.Distinct().Count());
    }

    GroupCommit<Group, string> Commits(int most = 10, int maxUnderWay = 1) => new(() => new Group(most), _server.CommitAsync, maxUnderWay);

    static async Task IdleAsync(GroupCommit<Group, string> commits)
    {
        var started = Stopwatch.GetTimestamp();
        while (!commits.IsIdle)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Bound, "The lane has not come to rest.");
            await Task.Yield();
        }
    }

    sealed class Group(int most) : ICommitGroup<string>
    {
        readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Entries { get; } = [];

        public string Text => string.Join(' ', Entries);

        public Task Done => _done.Task;

        public bool HasRoomFor(in string entry) => Entries.Count < most;

        public int Add(in string entry)
        {
            Entries.Add(entry);
            return Entries.Count - 1;
        }

        public void Complete() => _done.TrySetResult();

        public bool IsOutage(Exception exception) => !Entries.Contains("forsaken");

        public void Fail(Exception exception) => _done.TrySetException(exception);
    }

    /// <summary>Answers commits one by one, when it is told to.</summary>
    sealed class Server
    {
        readonly ConcurrentQueue<TaskCompletionSource> _answers = new();
        readonly ConcurrentQueue<string> _commits = new();
        readonly SemaphoreSlim _begun = new(0);
        int _underWay;

        public int UnderWay => Volatile.Read(ref _underWay);

        public async Task CommitAsync(Group group)
        {
            Interlocked.Increment(ref _underWay);
            var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _answers.Enqueue(answer);
            _commits.Enqueue(group.Text);
            _begun.Release();
            try
            {
                await answer.Task;
            }
            finally
            {
                Interlocked.Decrement(ref _underWay);
            }

            group.Complete();
        }

        /// <summary>What the next commit holds, once it has begun.</summary>
        public async Task<string> NextAsync()
        {
            Assert.True(await _begun.WaitAsync(Bound), "No commit has begun.");
            Assert.True(_commits.TryDequeue(out var text));
            return text;
        }

        public void Answer(Exception? failure = null)
        {
            Assert.True(_answers.TryDequeue(out var answer));
            if (failure is null)
                answer.SetResult();
            else
                answer.SetException(failure);
        }
    }
}
