namespace MassTransit;

/// <summary>The server of a connection, without any credential.</summary>
/// <param name="Address">Its address, or those of a cluster's primaries.</param>
/// <param name="Product">What it is: <c>redis</c>, <c>valkey</c>, <c>garnet</c>; <c>null</c> if it does not say.</param>
/// <param name="Version">Its version; <c>null</c> if it does not say.</param>
/// <param name="Mode"><c>standalone</c>, <c>sentinel</c> (found through Sentinel) or <c>cluster</c>.</param>
/// <param name="Primaries">How many primaries answer: one, or those of a cluster.</param>
/// <param name="UsedMemory">Bytes that data and buffers take, of all primaries; <c>null</c> if one does not say.</param>
/// <param name="MaxMemory">
/// Bytes that they may take (<c>maxmemory</c>), of all primaries; <c>null</c> if one has no limit or does not say.
/// </param>
public sealed record RedisServerInfo(string Address, string? Product, string? Version, string Mode, int Primaries, long? UsedMemory,
    long? MaxMemory);
