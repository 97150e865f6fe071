package dev.docs.app;

import dev.docs.adapter.http.JwtOptions;
import dev.docs.adapter.http.Telemetry.AccessLog;
import dev.docs.adapter.jdbi.Database;
import dev.docs.app.Settings.Authentication;
import dev.docs.app.Settings.Entry;
import dev.docs.app.Settings.LogFormat;
import dev.docs.app.Settings.MetricsReaders;
import dev.docs.app.Settings.Store;
import dev.docs.domain.DocumentNames;
import dev.docs.domain.Durability;
import dev.docs.domain.Metadata;
import org.slf4j.event.Level;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads one configuration. A wrong value is put on record and counts as its default meanwhile, so that every problem
 * is found; rules that join two settings hold only between right ones.
 */
final class SettingsReader {
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;

    /** Sizes travel as JSON numbers, which are exact up to here (RFC 8259, section 6). */
    private static final long MAX_SIZE = 1L << 53;

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration YEAR = Duration.ofDays(365);

    private final List<String> problems = new ArrayList<>();
    private final Set<Setting> wrong = EnumSet.noneOf(Setting.class);
    private final Map<Setting, String> resolved = new EnumMap<>(Setting.class);
    private final SettingSources sources;
    private final Path workingDirectory;

    SettingsReader(Map<String, String> flags, Map<String, String> environment, Path workingDirectory) {
        this.workingDirectory = workingDirectory;
        this.sources = new SettingSources(flags, environment, workingDirectory, problems);
    }

    Settings read() {
        Path data = value(Setting.DATA, text -> SettingForms.path(text, workingDirectory));
        resolved.put(Setting.DATA, data.toString());
        Settings settings = new Settings(
                value(Setting.HOST, SettingForms::host),
                number(Setting.PORT, 0, 65_535),
                data,
                databaseUrl(data),
                value(Setting.DATABASE_USER, SettingForms::credential),
                value(Setting.DATABASE_PASSWORD, SettingForms::credential),
                number(Setting.DATABASE_POOL_SIZE, 1, 1000),
                stores(data),
                size(Setting.MIN_FREE_BYTES, 0, MAX_SIZE),
                (int) size(Setting.INLINE_MAX_BYTES, 0, MIB),
                size(Setting.MAX_DOCUMENT_BYTES, 1, MAX_SIZE),
                size(Setting.DEFAULT_QUOTA_BYTES, 0, MAX_SIZE),
                number(Setting.MAX_DOCUMENTS, 0, Integer.MAX_VALUE),
                number(Setting.MAX_UPLOADS, 0, Integer.MAX_VALUE),
                number(Setting.USAGE_SHARDS, 1, Database.MAX_USAGE_SHARDS),
                value(Setting.ALLOWED_TYPES, text -> SettingForms.list(text, SettingForms::typePattern)),
                value(Setting.DENIED_TYPES, text -> SettingForms.list(text, SettingForms::typePattern)),
                number(Setting.MAX_NAME_LENGTH, 1, DocumentNames.MAX_CODE_POINTS),
                (int) size(Setting.MAX_METADATA_BYTES, 2, MIB),
                number(Setting.MAX_METADATA_DEPTH, 1, Metadata.MAX_DEPTH),
                number(Setting.MAX_METADATA_ENTRIES, 0, 10_000),
                value(Setting.AUTH, text -> SettingForms.oneOf(Authentication.values(), text)),
                value(Setting.PROXY_USER_HEADER, SettingForms::headerName),
                value(Setting.PROXY_ADDRESSES, text -> SettingForms.list(text, SettingForms::network)),
                value(Setting.PROXY_ADMINISTRATORS, text -> Set.copyOf(SettingForms.list(text, SettingForms::userId))),
                jwt(),
                duration(Setting.UPLOAD_EXPIRY, SECOND, YEAR),
                duration(Setting.UPLOAD_LEASE, SECOND, HOUR),
                duration(Setting.PURGE_GRACE, Duration.ZERO, YEAR),
                duration(Setting.SWEEP_INTERVAL, SECOND, HOUR),
                duration(Setting.PURGE_ARCHIVED_AFTER, Duration.ZERO, YEAR.multipliedBy(100)),
                number(Setting.KEEP_VERSIONS, 0, 1_000_000),
                size(Setting.SCRUB_BYTES_PER_DAY, 0, MAX_SIZE),
                value(Setting.VERIFY_DOWNLOADS, SettingForms::truth),
                value(Setting.DURABILITY, text -> SettingForms.oneOf(Durability.values(), text)),
                value(Setting.REQUIRE_IF_MATCH, SettingForms::truth),
                value(Setting.CORS_ORIGINS, text -> Set.copyOf(SettingForms.list(text, SettingForms::origin))),
                number(Setting.MAX_CONNECTIONS, 1, 1_000_000),
                duration(Setting.IDLE_TIMEOUT, SECOND, HOUR),
                size(Setting.MIN_UPLOAD_RATE, 0, 1 << 20),
                duration(Setting.SHUTDOWN_TIMEOUT, Duration.ZERO, HOUR),
                value(Setting.METRICS, text -> SettingForms.oneOf(MetricsReaders.values(), text)),
                value(Setting.ACCESS_LOG, text -> SettingForms.oneOf(AccessLog.values(), text)),
                value(Setting.LOG_FORMAT, text -> SettingForms.oneOf(LogFormat.values(), text)),
                value(Setting.LOG_LEVEL, text -> SettingForms.oneOf(Level.values(), text)),
                entries());
        checkTogether(settings);
        if (!problems.isEmpty()) {
            throw new Settings.InvalidException(problems);
        }
        return settings;
    }

    private void checkTogether(Settings settings) {
        Authentication authentication = settings.authentication();
        if (right(Setting.AUTH, Setting.HOST)
                && authentication == Authentication.NONE
                && !SettingForms.isLoopback(settings.host())) {
            wrong(Setting.HOST, "must be a loopback address such as 127.0.0.1 while DOCS_AUTH is none");
        }
        if (right(Setting.AUTH, Setting.PROXY_ADDRESSES)
                && authentication == Authentication.PROXY
                && settings.proxyAddresses().isEmpty()) {
            wrong(Setting.PROXY_ADDRESSES, "must name the trusted proxies while DOCS_AUTH is proxy");
        }
        if (authentication == Authentication.JWT) {
            if (right(Setting.AUTH, Setting.JWT_ISSUER)
                    && settings.jwt().issuer().isEmpty()) {
                wrong(Setting.JWT_ISSUER, "must be given while DOCS_AUTH is jwt");
            }
            if (right(Setting.AUTH, Setting.JWT_AUDIENCE)
                    && settings.jwt().audiences().isEmpty()) {
                // or tokens that were made for any other server would open this one
                wrong(Setting.JWT_AUDIENCE, "must be given while DOCS_AUTH is jwt");
            }
        }
        if (right(Setting.UPLOAD_LEASE, Setting.UPLOAD_EXPIRY)
                && settings.uploadLease().compareTo(settings.uploadExpiry()) > 0) {
            wrong(Setting.UPLOAD_LEASE, "must not be longer than DOCS_UPLOAD_EXPIRY");
        }
        if (right(Setting.USAGE_SHARDS, Setting.DATABASE_URL)
                && settings.usageShards() > 1
                && settings.databaseUrl().startsWith("jdbc:h2:")) {
            wrong(Setting.USAGE_SHARDS, "must be 1 on H2, whose writers take turns anyway");
        }
    }

    private JwtOptions jwt() {
        String keys = value(Setting.JWT_JWKS_URL, SettingForms::trustworthyAddress);
        String claim = value(Setting.JWT_ADMINISTRATOR_CLAIM, SettingForms::credential);
        return new JwtOptions(
                value(Setting.JWT_ISSUER, SettingForms::trustworthyAddress),
                value(Setting.JWT_AUDIENCE, text -> Set.copyOf(SettingForms.list(text, SettingForms::credential))),
                keys.isEmpty() ? null : URI.create(keys),
                value(Setting.JWT_USER_CLAIM, SettingForms::credential),
                claim.isEmpty() ? null : claim,
                value(Setting.JWT_ADMINISTRATOR_ROLE, SettingForms::credential),
                value(Setting.JWT_ADMINISTRATORS, text -> Set.copyOf(SettingForms.list(text, SettingForms::userId))),
                value(Setting.JWT_ALGORITHMS, text -> Set.copyOf(SettingForms.list(text, SettingForms::algorithm))),
                duration(Setting.JWT_CLOCK_SKEW, Duration.ZERO, Duration.ofMinutes(5)));
    }

    private boolean right(Setting one, Setting other) {
        return !wrong.contains(one) && !wrong.contains(other);
    }

    private String databaseUrl(Path data) {
        String standard = "jdbc:h2:file:" + data.resolve("docs");
        if (!sources.value(Setting.DATABASE_URL).isDefault()) {
            String url =
                    valueOr(Setting.DATABASE_URL, text -> SettingForms.databaseUrl(text, workingDirectory), standard);
            resolved.put(Setting.DATABASE_URL, url);
            return url;
        }
        if (data.toString().indexOf(';') >= 0) {
            wrong(Setting.DATA, "must not contain a semicolon, which ends the path in a URL of H2");
        }
        resolved.put(Setting.DATABASE_URL, standard);
        return standard;
    }

    private List<Store> stores(Path data) {
        List<Store> standard = List.of(new Store("main", data.resolve("files")));
        if (!sources.value(Setting.STORAGE).isDefault()) {
            return valueOr(Setting.STORAGE, text -> SettingForms.stores(text, workingDirectory), standard);
        }
        resolved.put(Setting.STORAGE, "main=fs:" + data.resolve("files"));
        return standard;
    }

    private int number(Setting setting, int min, int max) {
        return value(setting, text -> SettingForms.number(text, min, max));
    }

    private long size(Setting setting, long min, long max) {
        return value(setting, text -> SettingForms.size(text, min, max));
    }

    private Duration duration(Setting setting, Duration min, Duration max) {
        return value(setting, text -> SettingForms.duration(text, min, max));
    }

    private <T> T value(Setting setting, Function<String, T> form) {
        return valueOr(setting, form, form.apply(setting.defaultText()));
    }

    private <T> T valueOr(Setting setting, Function<String, T> form, T otherwise) {
        try {
            return form.apply(sources.value(setting).text());
        } catch (IllegalArgumentException e) {
            wrong(setting, String.valueOf(e.getMessage()));
            return otherwise;
        }
    }

    private void wrong(Setting setting, String rule) {
        wrong.add(setting);
        SettingSources.Value value = sources.value(setting);
        String shown = setting == Setting.DATABASE_URL
                ? SettingForms.withoutSecrets(value.text(), false)
                : SettingForms.withoutLogin(SettingSources.printable(value.text()));
        problems.add("%s %s; it is %s (%s)"
                .formatted(
                        setting.variable(),
                        rule,
                        setting.secret() ? "***" : '"' + shown + '"',
                        SettingSources.printable(value.origin(setting))));
    }

    private List<Entry> entries() {
        return Arrays.stream(Setting.values()).map(this::entry).toList();
    }

    private Entry entry(Setting setting) {
        SettingSources.Value value = sources.value(setting);
        String text = resolved.getOrDefault(setting, value.text());
        String shown = setting == Setting.DATABASE_URL
                ? SettingForms.withoutSecrets(text, true)
                : SettingForms.withoutLogin(SettingSources.printable(text));
        boolean hidden = setting.secret() && !text.isEmpty();
        return new Entry(setting, hidden ? "***" : shown, SettingSources.printable(value.source()));
    }
}
