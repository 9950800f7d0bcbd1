using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MassTransit.RedisTransport.Testing.Processes;

namespace MassTransit.RedisTransport.Testing;

/// <summary>A certificate for localhost that nobody trusts.</summary>
static class TestCertificate
{
    public static (string Certificate, string Key) Write(TempFolder folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificateFile, keyFile) = (folder.File("server.crt"), folder.File("server.key"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile);
    }
}
