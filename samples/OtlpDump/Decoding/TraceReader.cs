namespace OtlpDump.Decoding;

/// <summary>Decodes <c>ExportTraceServiceRequest</c>s, by the field numbers of opentelemetry-proto 1.x.</summary>
public static class TraceReader
{
    public static IReadOnlyList<Span> Read(params IEnumerable<byte[]> requests)
    {
        var spans = new List<Span>();
        foreach (var request in requests)
        {
            var reader = new ProtoReader(request);
            while (reader.Read())
            {
                if (reader.Field == 1)
                    ReadResourceSpans(reader.Bytes, spans);
            }
        }

        return spans;
    }

    static void ReadResourceSpans(ReadOnlySpan<byte> message, List<Span> spans)
    {
        var service = "";
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            if (reader.Field == 1)
                service = ReadAttributes(reader.Bytes, field: 1).GetValueOrDefault("service.name") as string ?? "";
            else if (reader.Field == 2)
                ReadScopeSpans(reader.Bytes, service, spans);
        }
    }

    static void ReadScopeSpans(ReadOnlySpan<byte> message, string service, List<Span> spans)
    {
        var scope = "";
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            if (reader.Field == 1)
                scope = ReadText(reader.Bytes, field: 1);
            else if (reader.Field == 2)
                spans.Add(ReadSpan(reader.Bytes, service, scope));
        }
    }

    static Span ReadSpan(ReadOnlySpan<byte> message, string service, string scope)
    {
        var events = new List<SpanEvent>();
        var links = new List<SpanLink>();
        var span = new Span { TraceId = "", SpanId = "", Name = "", Scope = scope, Service = service, Events = events, Links = links };
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    span = span with { TraceId = reader.Hex };
                    break;
                case 2:
                    span = span with { SpanId = reader.Hex };
                    break;
                case 4:
                    span = span with { ParentId = reader.Hex };
                    break;
                case 5:
                    span = span with { Name = reader.Text };
                    break;
                case 6:
                    span = span with { Kind = (SpanKind)reader.Number };
                    break;
                case 7:
                    span = span with { Start = Time(reader.Number) };
                    break;
                case 8:
                    span = span with { End = Time(reader.Number) };
                    break;
                case 11:
                    events.Add(new SpanEvent(ReadText(reader.Bytes, field: 2), ReadAttributes(reader.Bytes, field: 3)));
                    break;
                case 13:
                    links.Add(ReadLink(reader.Bytes));
                    break;
                case 14:
                    span = span with { DroppedLinks = (int)reader.Number };
                    break;
                case 15:
                    span = ReadStatus(reader.Bytes, span);
                    break;
            }
        }

        return span with { Attributes = ReadAttributes(message, field: 9) };
    }

    static Span ReadStatus(ReadOnlySpan<byte> message, Span span)
    {
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            if (reader.Field == 2)
                span = span with { StatusMessage = reader.Text };
            else if (reader.Field == 3)
                span = span with { Status = (SpanStatus)reader.Number };
        }

        return span;
    }

    static SpanLink ReadLink(ReadOnlySpan<byte> message)
    {
        var (traceId, spanId) = ("", "");
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            if (reader.Field == 1)
                traceId = reader.Hex;
            else if (reader.Field == 2)
                spanId = reader.Hex;
        }

        return new SpanLink(traceId, spanId);
    }

    static string ReadText(ReadOnlySpan<byte> message, int field)
    {
        var text = "";
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            if (reader.Field == field)
                text = reader.Text;
        }

        return text;
    }

    static Dictionary<string, object?> ReadAttributes(ReadOnlySpan<byte> message, int field)
    {
        var attributes = new Dictionary<string, object?>();
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            if (reader.Field != field)
                continue;

            var (key, value) = ("", (object?)null);
            var pair = new ProtoReader(reader.Bytes);
            while (pair.Read())
            {
                if (pair.Field == 1)
                    key = pair.Text;
                else if (pair.Field == 2)
                    value = ReadValue(pair.Bytes);
            }

            attributes.Add(key, value);
        }

        return attributes;
    }

    static object? ReadValue(ReadOnlySpan<byte> message)
    {
        object? value = null;
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            value = reader.Field switch
            {
                1 => reader.Text,
                2 => reader.Number != 0,
                3 => (long)reader.Number,
                4 => BitConverter.UInt64BitsToDouble(reader.Number),
                5 => ReadArray(reader.Bytes),
                _ => reader.Bytes.ToArray(),
            };
        }

        return value;
    }

    static object?[] ReadArray(ReadOnlySpan<byte> message)
    {
        var values = new List<object?>();
        var reader = new ProtoReader(message);
        while (reader.Read())
            values.Add(ReadValue(reader.Bytes));
        return [.. values];
    }

    static DateTimeOffset Time(ulong nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
}
