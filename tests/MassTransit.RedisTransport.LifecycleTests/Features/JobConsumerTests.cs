using MassTransit.Contracts.JobService;
using MassTransit.RedisTransport.LifecycleTests.Support;
using MassTransit.RedisTransport.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MassTransit.RedisTransport.LifecycleTests.Features;

public sealed record CrunchNumbers(int Steps, bool WaitsForCancel);

public sealed class JobConsumerTests(AnyRedis redis) : IClassFixture<AnyRedis>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Job_runs_reports_progress_and_completes(bool redisScheduler)
    {
        var trace = new JobTrace();
        await using var app = await StartAsync(trace, redisScheduler);
        var jobId = NewId.NextGuid();

        await using var scope = app.Services.CreateAsyncScope();
        var client = scope.ServiceProvider.GetRequiredService<IRequestClient<SubmitJob<CrunchNumbers>>>();
        Assert.Equal(jobId, await Eventually.CompletesAsync(client.SubmitJob(jobId, new CrunchNumbers(5, false)), TimeSpan.FromSeconds(30),
            "the job is accepted"));

        await trace.Completed.WaitAsync("the job is completed", TimeSpan.FromSeconds(30));
        Assert.Equal([jobId], trace.Runs.Items);
        var states = scope.ServiceProvider.GetRequiredService<IRequestClient<GetJobState>>();
        await Eventually.TrueAsync(async () =>
        {
            var state = await states.GetJobState(jobId);
            return state is { CurrentState: "Completed", ProgressValue: 5, ProgressLimit: 5 };
        }, TimeSpan.FromSeconds(20), "the job's state and progress");
    }

    [Fact]
    public async Task Running_job_is_cancelled()
    {
        var trace = new JobTrace();
        await using var app = await StartAsync(trace, redisScheduler: true);
        var jobId = NewId.NextGuid();

        await using var scope = app.Services.CreateAsyncScope();
        var client = scope.ServiceProvider.GetRequiredService<IRequestClient<SubmitJob<CrunchNumbers>>>();
        await client.SubmitJob(jobId, new CrunchNumbers(1, true));
        await trace.Runs.WaitAsync(1, TimeSpan.FromSeconds(30));
        await app.Bus.CancelJob(jobId);

        await trace.CancelSeen.WaitAsync("the job sees its cancellation", TimeSpan.FromSeconds(30));
        await trace.Canceled.WaitAsync("the job is cancelled", TimeSpan.FromSeconds(30));
        Assert.False(trace.Completed.IsSet);
    }

    Task<TestApp> StartAsync(JobTrace trace, bool redisScheduler) => TestApp.StartAsync(redis.Server, x =>
    {
        x.Services = s => s.AddSingleton(trace);
        x.Register = r =>
        {
            r.AddConsumer<CrunchConsumer>(c => c.Options<JobOptions<CrunchNumbers>>(o => o.SetConcurrentJobLimit(2)));
            r.AddConsumer<JobWatcher>();
            r.AddRequestClient<SubmitJob<CrunchNumbers>>();
            r.AddRequestClient<GetJobState>();
            r.SetInMemorySagaRepositoryProvider();
            r.AddJobSagaStateMachines(o =>
            {
                o.SlotWaitTime = TimeSpan.FromMilliseconds(500);
                o.FinalizeCompleted = false;
            });
            r.SetJobConsumerOptions(o => o.HeartbeatInterval = TimeSpan.FromSeconds(10));
        };
        x.Bus = (context, cfg) =>
        {
            if (redisScheduler)
                cfg.UseRedisMessageScheduler();
            else
                cfg.UseDelayedMessageScheduler();
            cfg.ConfigureEndpoints(context);
        };
    });

    sealed class JobTrace
    {
        public Inbox<Guid> Runs { get; } = new();

        public Signal CancelSeen { get; } = new();

        public Signal Completed { get; } = new();

        public Signal Canceled { get; } = new();
    }

    sealed class CrunchConsumer(JobTrace trace) : IJobConsumer<CrunchNumbers>
    {
        public async Task Run(JobContext<CrunchNumbers> context)
        {
            trace.Runs.Add(context.JobId);
            for (var step = 1; step <= context.Job.Steps; step++)
                await context.SetJobProgress(step, context.Job.Steps);
            if (!context.Job.WaitsForCancel)
                return;

            try
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }
            finally
            {
                trace.CancelSeen.Set();
            }
        }
    }

    sealed class JobWatcher(JobTrace trace) : IConsumer<JobCompleted>, IConsumer<JobCanceled>
    {
        public Task Consume(ConsumeContext<JobCompleted> context)
        {
            trace.Completed.Set();
            return Task.CompletedTask;
        }

        public Task Consume(ConsumeContext<JobCanceled> context)
        {
            trace.Canceled.Set();
            return Task.CompletedTask;
        }
    }
}
