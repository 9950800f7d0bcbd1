namespace MassTransit.Webhooks;

/// <summary>A webhook of a processor, as it was received from the bus.</summary>
internal interface IReceivedWebhook
{
    /// <summary>MassTransit's context of the webhook. It is created at the first use.</summary>
    ConsumeContext<Webhook> Consume { get; }
}
