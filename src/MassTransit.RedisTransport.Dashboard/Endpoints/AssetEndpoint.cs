using MassTransit.RedisTransport.Dashboard.Assets;
using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Reading;
using Microsoft.AspNetCore.Routing;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>Style, script and icon, which are closed to whom the pages are.</summary>
internal static class AssetEndpoint
{
    public static Task<Answer> ReadAsync(OpsRequest request)
    {
        var name = request.Http.GetRouteValue("name") as string;
        var file = AssetFile.All.FirstOrDefault(x => x.Name == name)
            ?? throw new MissingException("There is no such file.");
        // A page of an older version, during a deployment, asks for another hash: it gets what there is, but does not keep it.
        return Task.FromResult<Answer>(new FileAnswer(file, request.Http.GetRouteValue("hash") as string == file.Hash));
    }

    sealed class FileAnswer(AssetFile file, bool isCurrent) : Answer
    {
        public override async Task WriteAsync(OpsRequest request)
        {
            var response = request.Http.Response;
            if (isCurrent)
                response.Headers.CacheControl = "private, max-age=31536000, immutable";
            response.ContentType = file.ContentType;
            response.ContentLength = file.Content.Length;
            await response.Body.WriteAsync(file.Content, request.Aborted).ConfigureAwait(false);
        }
    }
}
