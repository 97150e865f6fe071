package dev.docs.app;

import dev.docs.adapter.http.JwtOptions;
import dev.docs.adapter.http.Telemetry.AccessLog;
import dev.docs.domain.Durability;
import org.slf4j.event.Level;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A valid configuration. {@link Setting} says what each value is for; sizes are in bytes, paths absolute.
 *
 * @param port 0 for any free one
 * @param databaseUrl {@code jdbc:postgresql:} or {@code jdbc:h2:file:}; holds no user, no password and no H2 setting
 *     that runs a statement, opens a listener or gives up durability
 * @param stores at least one, different names and folders; new large content goes to the first
 * @param minFreeBytes 0 if uploads may fill the disk
 * @param inlineMaxBytes 0 if no content is kept in the database
 * @param defaultQuotaBytes 0 if there is no limit
 * @param maxDocuments 0 if there is no limit
 * @param maxUploads 0 if there is no limit
 * @param usageShards 1 on H2
 * @param allowedTypes patterns of {@link dev.docs.domain.MediaTypePolicy}, as {@code deniedTypes}; empty for all
 * @param purgeArchivedAfter zero for never
 * @param keepVersions 0 for all
 * @param scrubBytesPerDay 0 for none
 * @param minUploadRate bytes a second; 0 for any
 * @param proxyAddresses literal IP addresses, each alone or with a prefix length ({@code 10.0.0.0/8}); not empty if
 *     {@code authentication} is {@code PROXY}
 * @param jwt without issuer and audience unless {@code authentication} is {@code JWT}
 * @param entries the same values as text and where each came from, one for each setting, in the order of the settings
 */
record Settings(
        String host,
        int port,
        Path data,
        String databaseUrl,
        String databaseUser,
        String databasePassword,
        int databasePoolSize,
        List<Store> stores,
        long minFreeBytes,
        int inlineMaxBytes,
        long maxDocumentBytes,
        long defaultQuotaBytes,
        int maxDocuments,
        int maxUploads,
        int usageShards,
        List<String> allowedTypes,
        List<String> deniedTypes,
        int maxNameLength,
        int maxMetadataBytes,
        int maxMetadataDepth,
        int maxMetadataEntries,
        Authentication authentication,
        String proxyUserHeader,
        List<String> proxyAddresses,
        Set<String> proxyAdministrators,
        JwtOptions jwt,
        Duration uploadExpiry,
        Duration uploadLease,
        Duration purgeGrace,
        Duration sweepInterval,
        Duration purgeArchivedAfter,
        int keepVersions,
        long scrubBytesPerDay,
        boolean verifyDownloads,
        Durability durability,
        boolean requireIfMatch,
        Set<String> corsOrigins,
        int maxConnections,
        Duration idleTimeout,
        long minUploadRate,
        Duration shutdownTimeout,
        MetricsReaders metrics,
        AccessLog accessLog,
        LogFormat logFormat,
        Level logLevel,
        List<Entry> entries) {

    Settings {
        stores = List.copyOf(stores);
        allowedTypes = List.copyOf(allowedTypes);
        deniedTypes = List.copyOf(deniedTypes);
        proxyAddresses = List.copyOf(proxyAddresses);
        proxyAdministrators = Set.copyOf(proxyAdministrators);
        corsOrigins = Set.copyOf(corsOrigins);
        entries = List.copyOf(entries);
    }

    /**
     * Reads and checks every setting. A flag counts more than an environment variable, that more than the configuration
     * file, that more than the default. An empty value is none.
     *
     * @param flags values by flag, such as {@code --port}; {@code --config} is the path of a configuration file
     * @param environment all of it; {@code DOCS_CONFIG} is the path of a configuration file
     * @param workingDirectory what relative paths are relative to
     * @throws InvalidException naming every problem there is
     */
    static Settings read(Map<String, String> flags, Map<String, String> environment, Path workingDirectory) {
        return new SettingsReader(flags, environment, workingDirectory.toAbsolutePath()).read();
    }

    /** A line for each setting: its name, its value (a secret as {@code ***}), where it came from. */
    List<String> describe() {
        int names = entries.stream()
                .mapToInt(e -> e.setting().variable().length())
                .max()
                .orElse(1);
        int values = entries.stream().mapToInt(e -> e.value().length()).max().orElse(1);
        String format = "%-" + names + "s  %-" + Math.max(1, Math.min(values, 48)) + "s  %s";
        return entries.stream()
                .map(e -> format.formatted(e.setting().variable(), e.value(), e.source()))
                .toList();
    }

    /** What {@link #describe} says: no secrets. */
    @Override
    public String toString() {
        return String.join("\n", describe());
    }

    /**
     * A setting's value as text.
     *
     * @param value {@code ***} for a secret
     * @param source {@code default}, {@code flag}, {@code environment} or {@code file PATH}
     */
    record Entry(Setting setting, String value, String source) {}

    /**
     * A store for content on a file system.
     *
     * @param name see {@link dev.docs.domain.StorageUrl#store}
     * @param folder absolute
     */
    record Store(String name, Path folder) {}

    /** Who says who is calling. */
    enum Authentication {
        TOKENS,
        /** An OpenID Connect issuer, by its signature. */
        JWT,
        /** A reverse proxy, by a request header. */
        PROXY,
        /** Nobody: there is one user, on this machine. */
        NONE
    }

    /** Who may read the metrics. */
    enum MetricsReaders {
        OFF,
        ADMINISTRATORS,
        OPEN
    }

    /** How events are written down. */
    enum LogFormat {
        TEXT,
        JSON
    }

    /** The configuration is wrong; the message has a line for each problem and no secrets. */
    static final class InvalidException extends RuntimeException {
        private static final long serialVersionUID = 1;

        InvalidException(List<String> problems) {
            super(String.join("\n", problems));
        }

        List<String> problems() {
            return String.valueOf(getMessage()).lines().toList();
        }
    }
}
