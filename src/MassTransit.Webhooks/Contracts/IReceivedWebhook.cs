namespace MassTransit.Webhooks;

/// <summary>A webhook that a processor is given, as it came through the bus.</summary>
internal interface IReceivedWebhook
{
    /// <summary>The webhook as MassTransit has it; made when it is asked for.</summary>
    ConsumeContext<Webhook> Consume { get; }
}
