using System.Text.Json.Serialization;

namespace MassTransit.RedisTransport.Inspection;

/// <summary>What operators write is stored as JSON.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RedisFailureNote))]
internal sealed partial class InspectionJson : JsonSerializerContext;
