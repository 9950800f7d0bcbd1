using System.Net;
using Garnet.server;
using Garnet.server.Auth.Settings;
using Tsavorite.core;

namespace MassTransit.Webhooks.Embedded;

/// <summary>The settings of Garnet that differ from its defaults.</summary>
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
            // Without a password the server would run each line of a web page's request to this port as a command.
            AuthSettings = password.Length == 0 ? null : new PasswordAuthenticationSettings(password),

            // The operations on a queue are scripts, and each must be atomic. Transaction mode locks their keys.
            EnableLua = true,
            LuaTransactionMode = true,
            LuaOptions = new LuaOptions(logger) { Timeout = Timeout.InfiniteTimeSpan, LogMode = LuaLoggingMode.Silent },

            // Garnet drops its oldest records when it has filled this much memory. Pages are allocated only as they fill, so a limit that
            // is never reached costs nothing and drops nothing.
            LogMemorySize = "256g",
            PageSize = "16m",
            IndexMemorySize = "4m",
            IndexMaxMemorySize = "1g",
            // Reuses the memory of deleted keys. Otherwise short-lived keys would make the log grow for ever.
            UseRevivBinsPowerOf2 = true,
            RevivifiableFraction = 0.9,
            ExpiredKeyDeletionScanFrequencySecs = 60,
            BufferPoolMemoryBudget = "64m",
            // The native device needs libaio, which few machines have, and ends the process if it is missing.
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
        // If writes waited for the commit, a script would wait once for each of its commands: 200,000 messages would take 80 s instead of
        // 5.
        settings.WaitForCommit = false;
        settings.CommitFrequencyMs = 20;
        // An entry holds one command and must fit into a page. A batch of a thousand messages of 32 KB fits into 32 MB.
        settings.AofPageSize = "32m";
        settings.AofMemorySize = "64m";
        settings.AofSegmentSize = "64m";
        settings.AofSizeLimit = $"{limitMegabytes}m";
    }
}
