using System.Buffers;

namespace MassTransit.Webhooks.AspNetCore;

/// <summary>
/// A body as it comes: in pieces of the pool, until it is whole. What it holds is on the budget's account until it is disposed, which is when
/// it is known who sent it.
/// </summary>
internal sealed class ReceivedBody(BodyBudget budget) : IDisposable
{
    const int FirstPiece = 4 * 1024, LargestPiece = 1024 * 1024;

    readonly List<byte[]> _pieces = [];
    int _inLast;
    long _held;

    /// <summary>How many bytes have come.</summary>
    public long Length { get; private set; }

    /// <summary>The whole body, once it has come.</summary>
    public byte[] Bytes { get; private set; } = [];

    /// <returns>False where there is no room for it now.</returns>
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

    /// <summary>The rest has come. Where that is all, as for most webhooks, it is copied once.</summary>
    /// <returns>False where there is no room for it now.</returns>
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
        // As much again as has come: what is only announced takes no memory.
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
