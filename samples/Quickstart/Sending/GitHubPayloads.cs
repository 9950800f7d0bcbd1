using System.Text.Json;

namespace Quickstart.Sending;

/// <summary>Bodies of GitHub's shape, a few kilobytes each.</summary>
static class GitHubPayloads
{
    static readonly string[] Repositories = ["storefront", "checkout", "warehouse", "mobile-app"];
    static readonly string[] People = ["mona", "ada", "linus", "grace"];

    public static (string EventType, byte[] Body) Create(int number) => (number % 3) switch
    {
        0 => ("push", Push(number)),
        1 => ("pull_request", PullRequest(number)),
        _ => ("issues", Issue(number)),
    };

    public static (string EventType, byte[] Body) Ping(int number) =>
        ("ping", Json(
            new { zen = "Keep it logically awesome.", hook_id = 1000 + number, repository = Repository(number), sender = Person(number) }));

    static byte[] Push(int number) => Json(new
    {
        @ref = "refs/heads/main",
        before = Commit(number),
        after = Commit(number + 1),
        created = false,
        deleted = false,
        forced = false,
        compare = $"https://github.com/{FullName(number)}/compare/{Commit(number)[..12]}...{Commit(number + 1)[..12]}",
        repository = Repository(number),
        pusher = new { name = Login(number), email = $"{Login(number)}@example.com" },
        sender = Person(number),
        commits = Enumerable.Range(1, 1 + (number % 4)).Select(x => new
        {
            id = Commit(number + x),
            message = $"Change {x} of {number}",
            timestamp = DateTimeOffset.UtcNow,
            url = $"https://github.com/{FullName(number)}/commit/{Commit(number + x)}",
            author = new { name = Login(number), email = $"{Login(number)}@example.com", username = Login(number) },
            added = new[] { $"src/feature-{number}.cs" },
            removed = Array.Empty<string>(),
            modified = new[] { "README.md", $"src/shop-{x}.cs" },
        }),
    });

    static byte[] PullRequest(int number) => Json(new
    {
        action = (number % 2) == 0 ? "opened" : "synchronize",
        number,
        pull_request = new
        {
            id = 1_500_000_000L + number,
            node_id = $"PR_{number:x16}",
            number,
            state = "open",
            title = $"Improve the basket, part {number}",
            user = Person(number),
            body = "It was slow. Now it is not.",
            draft = false,
            head = new { label = $"{Login(number)}:basket-{number}", @ref = $"basket-{number}", sha = Commit(number) },
            @base = new { label = "shop:main", @ref = "main", sha = Commit(number + 1) },
            labels = new[] { new { id = 7, name = "performance", color = "d4c5f9" } },
            additions = 10 + number,
            deletions = number % 50,
            changed_files = 1 + (number % 9),
            html_url = $"https://github.com/{FullName(number)}/pull/{number}",
        },
        repository = Repository(number),
        sender = Person(number),
    });

    static byte[] Issue(int number) => Json(new
    {
        action = "opened",
        issue = new
        {
            id = 2_500_000_000L + number,
            number,
            title = $"The price of article {number} is wrong — ×10 too high",
            user = Person(number),
            labels = new[] { new { id = 1, name = "bug", color = "d73a4a" } },
            state = "open",
            comments = number % 7,
            body = "Steps:\n1. Look at it.\n2. Be surprised.",
            html_url = $"https://github.com/{FullName(number)}/issues/{number}",
        },
        repository = Repository(number),
        sender = Person(number),
    });

    static object Repository(int number) => new
    {
        id = 600_000_000L + (number % Repositories.Length),
        name = Repositories[number % Repositories.Length],
        full_name = FullName(number),
        @private = true,
        owner = new { login = "shop", id = 42, type = "Organization" },
        html_url = $"https://github.com/{FullName(number)}",
        default_branch = "main",
        visibility = "private",
    };

    static object Person(int number) =>
        new { login = Login(number), id = 9000 + (number % People.Length), type = "User", site_admin = false };

    static string FullName(int number) => $"shop/{Repositories[number % Repositories.Length]}";

    static string Login(int number) => People[number % People.Length];

    static string Commit(int number) => $"{(uint)(number * 2654435761):x8}{number:x32}";

    static byte[] Json(object value) => JsonSerializer.SerializeToUtf8Bytes(value);
}
