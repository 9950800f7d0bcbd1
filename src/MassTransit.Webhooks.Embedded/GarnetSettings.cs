using System.Net;
using Garnet.server;
using Garnet.server.Auth.Settings;
using Tsavorite.core;

namespace MassTransit.Webhooks.Embedded;

/// <summary>Garnet's settings, where they differ from what Garnet takes by itself.</summary>
internal static class GarnetSettings
{
    public static GarnetServerOptions Create(EmbeddedRedisOptions options, int port, string password, string? dataFolder)
    {
        var logger = options.LoggerFactory?.CreateLogger("Garnet");
        var settings = new GarnetServerOptions(logger)
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
            QuietMode = true,
            DisablePubSub = false,
            EnableCluster = false,
            // Without one it would do what stands in a web page's request to this port, line by line.
            AuthSettings = password.Length == 0 ? null : new PasswordAuthenticationSettings(password),

            // A queue's operations are scripts, each of which must be atomic: transaction mode locks their keys.
            EnableLua = true,
            LuaTransactionMode = true,
            LuaOptions = new LuaOptions(logger) { Timeout = Timeout.InfiniteTimeSpan, LogMode = LuaLoggingMode.Silent },

            // Garnet forgets its oldest records when this much memory is full. Pages are allocated as they fill, so a
            // limit that is never reached costs nothing and nothing is ever forgotten.
            LogMemorySize = "256g",
            PageSize = "16m",
            IndexMemorySize = "4m",
            IndexMaxMemorySize = "1g",
            // Lets short-lived keys be reused instead of making the log grow for ever.
            UseRevivBinsPowerOf2 = true,
            RevivifiableFraction = 0.9,
            ExpiredKeyDeletionScanFrequencySecs = 60,
            BufferPoolMemoryBudget = "64m",
            // The native device needs libaio, which few machines have, and ends the process where it is missing.
            DeviceType = DeviceType.RandomAccess,
            DeviceFactoryCreator = new LocalStorageNamedDeviceFactoryCreator(deviceType: DeviceType.RandomAccess, logger: logger)
        };

        if (dataFolder is not null)
            KeepData(settings, dataFolder, options.AppendLogLimitMegabytes);
        return settings;
    }

    static void KeepData(GarnetServerOptions settings, string folder, int limitMegabytes)
    {
        settings.CheckpointDir = folder;
        settings.Recover = true;
        settings.FailOnRecoveryError = true;

        settings.EnableAOF = true;
        // Waiting for the commit would make a script wait once for each command in it: 200,000 messages take 80 s, not 5.
        settings.WaitForCommit = false;
        settings.CommitFrequencyMs = 20;
        // One entry holds one command, and must fit into a page: a batch of a thousand messages of 32 KB does.
        settings.AofPageSize = "32m";
        settings.AofMemorySize = "64m";
        settings.AofSegmentSize = "64m";
        settings.AofSizeLimit = $"{limitMegabytes}m";
    }
}
