namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Tells an answer from what an application sends to an address of its own. A received message names where its answer and its
/// fault go; whoever can write one could have a queue made for each. So answers go to queues that exist.
/// </summary>
internal static class AnswerAddress
{
    /// <summary>A response or a fault with the request's id, on its way to where the request said.</summary>
    public static bool IsAnswer(this SendContext context, AddressBook addresses) =>
        context.RequestId is { } requestId
        && context.ResponseAddress is null
        && context.TryGetPayload<ConsumeContext>(out var consumed)
        && consumed.RequestId == requestId
        && (Leads(consumed.ResponseAddress, context.DestinationAddress, addresses) || Leads(consumed.FaultAddress, context.DestinationAddress, addresses));

    static bool Leads(Uri? answer, Uri? destination, AddressBook addresses)
    {
        if (answer is null || destination is null)
            return false;
        if (answer == destination)
            return true;

        try
        {
            return addresses.Normalize(answer) == destination;
        }
        catch (ArgumentException)
        {
            // None of this bus: the message is on its way to the other.
            return false;
        }
    }
}
