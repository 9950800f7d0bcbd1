using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MassTransit.Webhooks.AspNetCore.Tests.Senders;

/// <summary>What a sender knows when it signs.</summary>
/// <param name="Secret">Its secret.</param>
/// <param name="Body">The body.</param>
/// <param name="Now">The time of sending.</param>
/// <param name="Address">The address that it sends to.</param>
sealed record SignedRequest(string Secret, string Body, DateTimeOffset Now, string Address)
{
    public string Seconds => Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    public string Milliseconds => Now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    public string Iso => Now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public string Hex(string content) => Convert.ToHexStringLower(Mac(content));

    public string Base64(string content) => Convert.ToBase64String(Mac(content));

    public string Base64Sha1(string content) => Convert.ToBase64String(Sha1(content));

    public string HexSha1(string content) => Convert.ToHexStringLower(Sha1(content));

    byte[] Sha1(string content) => CryptographicOperations.HmacData(HashAlgorithmName.SHA1, Utf8(Secret), Utf8(content));

    byte[] Mac(string content) => HMACSHA256.HashData(Utf8(Secret), Utf8(content));

    static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
