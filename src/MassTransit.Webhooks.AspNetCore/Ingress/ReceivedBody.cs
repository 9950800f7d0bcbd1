using System.Buffers;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// A body that is being received, in buffers of the pool until it is complete. Its bytes count against the budget until it is disposed,
/// which happens when the sender is verified.
/// </summary>
internal sealed class ReceivedBody(BodyBudget budget) : IDisposable
{
    const int FirstPiece = 4 * 1024, LargestPiece = 1024 * 1024;

    readonly List<byte[]> _pieces = [];
    int _inLast;
    long _held;

    /// <summary>How many bytes have arrived.</summary>
    public long Length { get; private set; }

    /// <summary>The whole body, after it has arrived.</summary>
    public byte[] Bytes { get; private set; } = [];

    /// <returns>False if the budget has no room for it now.</returns>
    public bool TryAppend(in ReadOnlySequence<byte> sequence)
    {
        foreach (var segment in sequence)
        {
            for (var rest = segment.Span; !rest.IsEmpty;)
            {
                if ((_pieces.Count == 0 || _inLast == _pieces[^1].Length) && !TryGrow())
                    return false;
                var room = _pieces[^1].AsSpan(_inLast);
                var length = Math.Min(room.Length, rest.Length);
                rest[..length].CopyTo(room);
                rest = rest[length..];
                _inLast += length;
                Length += length;
            }
        }

        return true;
    }

    /// <summary>
    /// Completes the body with its last bytes. If these are all of it, as for most webhooks, the body is copied only once.
    /// </summary>
    /// <returns>False if the budget has no room for it now.</returns>
    public bool TryComplete(in ReadOnlySequence<byte> rest)
    {
        if (!TryHold((int)rest.Length))
            return false;
        var bytes = GC.AllocateUninitializedArray<byte>((int)(Length + rest.Length));
        var written = 0;
        foreach (var piece in _pieces)
        {
            var length = Math.Min(piece.Length, (int)Length - written);
            piece.AsSpan(0, length).CopyTo(bytes.AsSpan(written));
            written += length;
        }

        rest.CopyTo(bytes.AsSpan(written));
        Release();
        (Bytes, Length) = (bytes, bytes.Length);
        return true;
    }

    public void Dispose()
    {
        Release();
        budget.Return(Interlocked.Exchange(ref _held, 0));
    }

    bool TryGrow()
    {
        // The next buffer is as long as what has arrived, so that bytes that are only announced take no memory.
        var length = (int)Math.Clamp(Length, FirstPiece, LargestPiece);
        var piece = ArrayPool<byte>.Shared.Rent(length);
        if (TryHold(piece.Length))
        {
            _pieces.Add(piece);
            _inLast = 0;
            return true;
        }

        ArrayPool<byte>.Shared.Return(piece);
        return false;
    }

    bool TryHold(int more)
    {
        if (!budget.TryTake(_held, more))
            return false;
        _held += more;
        return true;
    }

    void Release()
    {
        foreach (var piece in _pieces)
            ArrayPool<byte>.Shared.Return(piece);
        _pieces.Clear();
    }
}
