using MassTransit.Webhooks.Packages.Tests.Support;

namespace MassTransit.Webhooks.Packages.Tests;

/// <summary>All tests of packages read those that are packed once.</summary>
[CollectionDefinition(Name)]
public sealed class PackagesCollection : ICollectionFixture<PackedSource>
{
    public const string Name = "packages";
}
