using MassTransit.RedisTransport.Dashboard.Markup;

namespace MassTransit.RedisTransport.Dashboard.Pages;

/// <summary>Parts of the pages about bulk operations.</summary>
internal static class Operations
{
    public static Fragment State(RedisOperation operation) => html =>
    {
        var color = operation.State switch
        {
            RedisOperationState.Done => "good",
            RedisOperationState.Stopped or RedisOperationState.Failed => "bad",
            RedisOperationState.Waiting or RedisOperationState.Paused or RedisOperationState.Cancelled => "warn",
            _ => "state",
        };
        html.Write($"""<span class="{color}">{Tables.Live(operation.Id, "state", operation.State.ToString())}</span>""");
    };

    /// <summary>A bar with its value as a text. Without a known end there is only the text.</summary>
    public static Fragment Progress(RedisOperation operation) => html =>
    {
        if (operation.Total is > 0 and var total)
        {
            html.Write($"""
                <progress max="{total}" value="{LiveFigures.Handled(operation)}"
                data-live="{Tables.LiveName(operation.Id, "value")}" data-attribute="value"
                aria-label="{operation.Kind.ToString()} of {operation.Queue}"></progress>
                """);
        }

        html.Write($"""{Tables.Live(operation.Id, "progress", LiveFigures.ProgressOf(operation))}""");
    };

    public static string Rate(RedisOperation operation) =>
        operation.Rate is { } rate ? $"{Formats.Count(rate)} a second" : "as fast as possible";
}
