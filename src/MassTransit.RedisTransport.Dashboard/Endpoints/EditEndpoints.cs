using MassTransit.RedisTransport.Dashboard.Markup;
using MassTransit.RedisTransport.Dashboard.Pages;
using MassTransit.RedisTransport.Dashboard.Payloads;
using MassTransit.RedisTransport.Dashboard.Reading;
using Microsoft.AspNetCore.Http;

namespace MassTransit.RedisTransport.Dashboard.Endpoints;

/// <summary>
/// Changes the body of a dead letter and replays it: first the text, then what has changed, then one atomic step. The key of the letter is
/// what protects it: whatever becomes of it meanwhile, that key is gone.
/// </summary>
internal static class EditEndpoints
{
    /// <summary>A text of 256 KB has no more characters, and a browser sends two for the end of a line.</summary>
    const int MaxText = 2 * RedisEdit.MaxBytes;

    /// <summary>How many entries of the audit are searched for who was faster.</summary>
    const int Entries = 200;

    static readonly string[] Acts =
        [RedisAuditActions.Edit, RedisAuditActions.Replay, RedisAuditActions.Purge, RedisAuditActions.Delete];

    public static async Task<Answer> ShowAsync(OpsRequest request)
    {
        var described = request.Board.Describers.Describe(await DeadLetterEndpoints.FindAsync(request).ConfigureAwait(false));
        var text = Editable(request, described);
        await Audited.ViewAsync(request, described.Letter.Queue, described.Letter.Key).ConfigureAwait(false);
        return Answer.Of(new EditPage(described, text, text.Text));
    }

    public static async Task<Answer> CompareAsync(OpsRequest request)
    {
        var draft = await ReadAsync(request).ConfigureAwait(false);
        return draft.Problem is not null ? draft.Refused()
            : draft.Form.Text("again", 5) is not null ? Answer.Of(new EditPage(draft.Letter, draft.Text, draft.Changed))
            : Answer.Of(new DiffPage(draft.Letter, draft.Text, draft.Changed));
    }

    public static async Task<Answer> ReplayAsync(OpsRequest request)
    {
        var draft = await ReadAsync(request).ConfigureAwait(false);
        if (draft.Problem is not null)
            return draft.Refused();
        var letter = draft.Letter.Letter;
        var edit = EditOf(draft);
        var outcome = await request.Board.ActAsync(x => request.Board.DeadLetters.EditAndReplayAsync(letter.Queue, letter.Key, edit,
            request.ActorOf(draft.Form), x)).ConfigureAwait(false);
        if (outcome == RedisEditOutcome.Gone)
            throw await GoneAsync(request).ConfigureAwait(false);
        request.Board.Catalog.Forget();
        request.Board.AllTrash.Forget();
        return Answer.SeeOther(request.Links.DeadMessages(letter.Queue, Notice.Say(Notice.Edited, 1)), new { Edited = letter.Key });
    }

    /// <summary>Reads the letter as it lies there now, and the text that somebody wants in its place.</summary>
    static async Task<Draft> ReadAsync(OpsRequest request)
    {
        var form = await request.ReadFormAsync().ConfigureAwait(false);
        var changed = EditText.Unix(form.Text("text", MaxText) ?? "");
        var (queue, key) = (request.Queue, request.Key);
        var letter = await request.AskAsync(x => request.Board.DeadLetters.GetAsync(queue, key, x)).ConfigureAwait(false)
            ?? throw await GoneAsync(request).ConfigureAwait(false);
        if (!request.Viewer.Sees(letter))
            throw DeadLetterEndpoints.NoLetter();
        var described = request.Board.Describers.Describe(letter);
        var text = Editable(request, described);
        return new Draft(form, described, text, changed);
    }

    static string? ProblemOf(EditText text, string changed)
    {
        if (changed == text.Text)
            return "Nothing was changed: the text is as it was.";
        var bytes = text.ToBytes(changed);
        if (bytes.Length > RedisEdit.MaxBytes)
            return $"Nothing was done: the body has {bytes.Length} bytes, {RedisEdit.MaxBytes} is the most.";
        return text.IsJson && EditText.Problem(bytes) is { } place
            ? $"Nothing was done: this is no JSON, at {place}. The body was JSON, so it stays JSON." : null;
    }

    /// <exception cref="ConflictException">The body cannot be edited in a browser.</exception>
    static EditText Editable(OpsRequest request, Described described)
    {
        if (!described.Letter.IsReadable)
            throw new ConflictException("A record that cannot be read cannot be edited: replay or purge it.");
        // What is hidden would be lost, or seen.
        if (request.Board.Settings.RedactBody is { } redact
            && !redact(described.Body, described.ContentType).Span.SequenceEqual(described.Body.Span))
            throw new ConflictException("The application hides a part of this body (RedactBody): it cannot be edited here.");
        return EditText.Of(described) ?? throw new ConflictException(
            $"This body is no text, or has more than {RedisEdit.MaxBytes / 1024} KiB: 'mtq dead edit' takes it from a file.");
    }

    /// <exception cref="BadQueryException">The message cannot have this body.</exception>
    static RedisEdit EditOf(Draft draft)
    {
        var bytes = draft.Text.ToBytes(draft.Changed);
        if (draft.Letter.Describer is { } describer)
        {
            try
            {
                return describer.WithBody(draft.Letter.Letter, bytes);
            }
            catch (ArgumentException exception)
            {
                throw new BadQueryException($"Nothing was done: {exception.Message}");
            }
        }

        return draft.Text.IsMessage ? new RedisEdit { Message = draft.Changed } : new RedisEdit { Body = bytes };
    }

    /// <summary>Says who was faster, as far as the audit knows.</summary>
    static async Task<ConflictException> GoneAsync(OpsRequest request)
    {
        var (queue, key) = (request.Queue, request.Key);
        var page = await request.AskAsync(x => request.Board.Audit.ListAsync(Entries, null, queue, x)).ConfigureAwait(false);
        var acts = page.Entries.Where(x => Acts.Contains(x.Action, StringComparer.Ordinal)
            && x.Outcome is RedisAuditOutcome.Done or RedisAuditOutcome.Started).ToList();
        var who = acts.Find(x => x.Selection?.Contains(key, StringComparison.Ordinal) == true) is { } exact
            ? $"{exact.User} has done that: {Told(exact)}."
            : acts is [var last, ..] ? $"The last act on this queue was that of {last.User}: {Told(last)}."
            : "The audit does not say by whom.";
        return new ConflictException($"Nothing was done. The dead letter is gone, or was edited meanwhile. {who}");
    }

    static string Told(RedisAuditEntry entry) => $"{entry.Action} at {Formats.Time(entry.At)}"
        + (entry.Reason is { Length: > 0 } reason ? $", {VisibleText.Head(reason, 100)}" : "");

    /// <summary>An edit as it was sent.</summary>
    /// <param name="form">All of the form.</param>
    /// <param name="letter">The letter.</param>
    /// <param name="text">Its body as it was shown.</param>
    /// <param name="changed">What takes its place.</param>
    sealed class Draft(Asked form, Described letter, EditText text, string changed)
    {
        public Asked Form => form;

        public Described Letter => letter;

        public EditText Text => text;

        public string Changed => changed;

        /// <summary>Why it cannot take its place; <c>null</c>: it can.</summary>
        public string? Problem { get; } = ProblemOf(text, changed);

        /// <summary>The text again, so that nobody's work is lost.</summary>
        public Answer Refused() => Answer.Of(new EditPage(letter, text, changed) { Problem = Problem }, StatusCodes.Status400BadRequest);
    }
}
