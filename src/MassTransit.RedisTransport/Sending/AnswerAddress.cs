namespace MassTransit.RedisTransport.Sending;

/// <summary>
/// Distinguishes answers from messages that an application sends to its own addresses. A received message contains the addresses for its
/// answer and its fault, so anyone who can write messages could let a queue be created for each. Therefore answers are sent only to queues
/// that exist.
/// </summary>
internal static class AnswerAddress
{
    /// <summary>True for a response or a fault with the request's id that is sent to an address of the request.</summary>
    public static bool IsAnswer(this SendContext context, AddressBook addresses) =>
        context.RequestId is { } requestId
        && context.ResponseAddress is null
        && context.TryGetPayload<ConsumeContext>(out var consumed)
        && consumed.RequestId == requestId
        && (Leads(consumed.ResponseAddress, context.DestinationAddress, addresses)
            || Leads(consumed.FaultAddress, context.DestinationAddress, addresses));

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
            // The address does not belong to this bus; the message is sent to another one.
            return false;
        }
    }
}
