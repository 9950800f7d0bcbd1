using MassTransit.RedisTransport.BusGlue;
using MassTransit.RedisTransport.Receiving;

namespace MassTransit.Webhooks.Redis;

/// <summary>Shows the workers of processors among the receivers of their queues.</summary>
internal sealed class RedisProcessorReporting : IProcessorReporting
{
    public void Attach(IReceiveEndpointConfigurator endpoint, Func<IProcessorFigures> processor)
    {
        if (endpoint is RedisReceiveEndpointConfiguration redis)
            redis.Settings.Workers.Add(new Report(new Lazy<IProcessorFigures>(processor, LazyThreadSafetyMode.PublicationOnly)));
    }

    sealed class Report(Lazy<IProcessorFigures> processor) : IWorkerReport
    {
        public WorkerFigures Read()
        {
            var figures = processor.Value.Read();
            return new WorkerFigures(figures.ActiveWorkers, figures.WorkerLimit, figures.ConfiguredWorkers, figures.WaitingBatches,
                figures.MedianLatency, figures.Percentile99Latency);
        }
    }
}
