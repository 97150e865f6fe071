package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.adapter.http.JwtOptions;
import dev.docs.adapter.http.Telemetry.AccessLog;
import dev.docs.app.Settings.Authentication;
import dev.docs.app.Settings.LogFormat;
import dev.docs.app.Settings.MetricsReaders;
import dev.docs.app.Settings.Store;
import dev.docs.domain.Durability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

class SettingsTest {
    private static final Path CWD = Path.of("/srv/work");

    @TempDir
    Path folder;

    @Test
    void theDefaultsAreValidAndSafe() {
        Settings settings = Settings.read(Map.of(), Map.of(), CWD);

        assertThat(settings.host()).isEqualTo("127.0.0.1");
        assertThat(settings.port()).isEqualTo(8080);
        assertThat(settings.data()).isEqualTo(CWD.resolve("docs-data"));
        assertThat(settings.databaseUrl()).isEqualTo("jdbc:h2:file:/srv/work/docs-data/docs");
        assertThat(settings.databaseUser()).isEqualTo("docs");
        assertThat(settings.databasePassword()).isEmpty();
        assertThat(settings.databasePoolSize()).isEqualTo(10);
        assertThat(settings.stores()).containsExactly(new Store("main", CWD.resolve("docs-data/files")));
        assertThat(settings.minFreeBytes()).isEqualTo(64L << 20);
        assertThat(settings.inlineMaxBytes()).isEqualTo(16_384);
        assertThat(settings.maxDocumentBytes()).isEqualTo(10L << 30);
        assertThat(settings.defaultQuotaBytes()).isZero();
        assertThat(settings.maxDocuments()).isZero();
        assertThat(settings.maxUploads()).isZero();
        assertThat(settings.usageShards()).isEqualTo(1);
        assertThat(settings.allowedTypes()).isEmpty();
        assertThat(settings.deniedTypes()).isEmpty();
        assertThat(settings.maxNameLength()).isEqualTo(255);
        assertThat(settings.maxMetadataBytes()).isEqualTo(65_536);
        assertThat(settings.maxMetadataDepth()).isEqualTo(8);
        assertThat(settings.maxMetadataEntries()).isEqualTo(256);
        assertThat(settings.authentication()).isEqualTo(Authentication.TOKENS);
        assertThat(settings.proxyUserHeader()).isEqualTo("X-Forwarded-User");
        assertThat(settings.proxyAddresses()).isEmpty();
        assertThat(settings.proxyAdministrators()).isEmpty();
        assertThat(settings.uploadExpiry()).isEqualTo(Duration.ofHours(24));
        assertThat(settings.uploadLease()).isEqualTo(Duration.ofMinutes(2));
        assertThat(settings.purgeGrace()).isEqualTo(Duration.ofHours(24));
        assertThat(settings.sweepInterval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.durability()).isEqualTo(Durability.POWER_LOSS);
        assertThat(settings.requireIfMatch()).isFalse();
        assertThat(settings.maxConnections()).isEqualTo(1024);
        assertThat(settings.idleTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.minUploadRate()).isEqualTo(1024);
        assertThat(settings.shutdownTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.metrics()).isEqualTo(MetricsReaders.ADMINISTRATORS);
        assertThat(settings.accessLog()).isEqualTo(AccessLog.USERS);
        assertThat(settings.logFormat()).isEqualTo(LogFormat.TEXT);
        assertThat(settings.logLevel()).isEqualTo(Level.INFO);
        assertThat(settings.entries())
                .extracting(Settings.Entry::source)
                .hasSize(Setting.values().length)
                .containsOnly("default");
    }

    @Test
    void aFlagCountsMoreThanTheEnvironmentThatMoreThanTheFileThatMoreThanTheDefault() throws IOException {
        Path file = file("docs.port=1\ndocs.host=a\ndocs.data=/f\n");
        Map<String, String> environment = Map.of("DOCS_CONFIG", file.toString(), "DOCS_PORT", "2", "DOCS_HOST", "b");

        Settings settings = Settings.read(Map.of("--port", "3"), environment, CWD);

        assertThat(settings.port()).isEqualTo(3);
        assertThat(settings.host()).isEqualTo("b");
        assertThat(settings.data()).isEqualTo(Path.of("/f"));
        assertThat(settings.maxNameLength()).isEqualTo(255);
        assertThat(sourceOf(settings, Setting.PORT)).isEqualTo("flag");
        assertThat(sourceOf(settings, Setting.HOST)).isEqualTo("environment");
        assertThat(sourceOf(settings, Setting.DATA)).isEqualTo("file " + file);
        assertThat(sourceOf(settings, Setting.MAX_NAME_LENGTH)).isEqualTo("default");
    }

    @Test
    void theFileOfTheFlagReplacesTheFileOfTheEnvironment() throws IOException {
        Path file = file("docs.port = 81\n");

        Settings settings = Settings.read(
                Map.of("--config", file.getFileName().toString()), Map.of("DOCS_CONFIG", "/nowhere"), folder);

        assertThat(settings.port()).isEqualTo(81);
    }

    @Test
    void everySettingCanComeFromEverySource() throws IOException {
        for (Setting setting : Setting.values()) {
            String value = setting == Setting.DATABASE_URL
                    ? "jdbc:postgresql://db/docs"
                    : setting == Setting.STORAGE
                            ? "one=fs:/one"
                            : setting.defaultText().isEmpty() ? sample(setting) : setting.defaultText();
            Path file = file(setting.key() + "=" + value);
            assertThat(sourceOf(Settings.read(Map.of(setting.flag(), value), Map.of(), CWD), setting))
                    .isEqualTo("flag");
            assertThat(sourceOf(Settings.read(Map.of(), Map.of(setting.variable(), value), CWD), setting))
                    .isEqualTo("environment");
            assertThat(sourceOf(Settings.read(Map.of("--config", file.toString()), Map.of(), CWD), setting))
                    .isEqualTo("file " + file);
        }
    }

    @Test
    void anEmptyValueIsNone() {
        Settings settings = Settings.read(Map.of("--port", ""), Map.of("DOCS_PORT", "81", "DOCS_HOST", " "), CWD);

        assertThat(settings.port()).isEqualTo(81);
        assertThat(settings.host()).isEqualTo("127.0.0.1");
    }

    @Test
    void nothingInAValueIsExpanded() {
        Settings settings =
                Settings.read(Map.of(), Map.of("DOCS_DATABASE_PASSWORD", " ${user.home}$x\\ ", "x", "no"), CWD);

        assertThat(settings.databasePassword()).isEqualTo(" ${user.home}$x\\ ");
    }

    @Test
    void everyProblemIsReportedAtOnceWithNameRuleValueAndSource() throws IOException {
        Path file = file("docs.upload-lease=soon\ndocs.colour=red\n");

        List<String> problems = problems(
                Map.of("--port", "80800", "--config", file.toString()),
                Map.of("DOCS_MAX_METADATA_DEPTH", "33", "DOCS_DATABASE_PASSWORD", "hunter2\n", "DOCS_PROT", "1"));

        assertThat(problems)
                .containsExactlyInAnyOrder(
                        "DOCS_PORT must be a whole number from 0 to 65535; it is \"80800\" (from --port)",
                        "DOCS_MAX_METADATA_DEPTH must be a whole number from 1 to 32; it is \"33\" (from the environment)",
                        "DOCS_DATABASE_PASSWORD must not contain control characters or line ends; it is ***"
                                + " (from the environment)",
                        "DOCS_UPLOAD_LEASE must be a duration from 1s to 1h, such as 500ms, 30s, 2m, 24h, 7d or PT24H;"
                                + " it is \"soon\" (from docs.upload-lease in the file " + file + ")",
                        "DOCS_PROT is not a setting (environment), did you mean DOCS_PORT?",
                        "docs.colour is not a setting (file " + file + "), did you mean docs.host?");
    }

    @Test
    void aSecretIsNeverPrinted() {
        Map<String, String> environment = Map.of(
                "DOCS_DATABASE_PASSWORD", "hunter2",
                "DOCS_DATABASE_URL", "jdbc:postgresql://db/docs?sslmode=require&sslpassword=hunter2&x=1");

        Settings settings = Settings.read(Map.of(), environment, CWD);

        assertThat(settings.databasePassword()).isEqualTo("hunter2");
        assertThat(settings.toString())
                .contains("***", "jdbc:postgresql://db/docs?sslmode=require&sslpassword=***&x=1")
                .doesNotContain("hunter2");
        assertThat(String.valueOf(settings.entries())).doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db/docs?user=me&password=hunter2",
                "jdbc:postgresql://me:hunter2@db/docs",
                "jdbc:postgresql://me:hun@ter2:hunter2@db/docs",
                "jdbc:h2:file:/d;PASSWORD=hunter2",
                "jdbc:h2:file:/d;PASS\\WORD=hunter2",
                "jdbc:mysql://db/docs?password=hunter2"
            })
    void aPasswordInADatabaseUrlIsRefusedAndNotRepeated(String url) {
        assertThat(problems(Map.of(), Map.of("DOCS_DATABASE_URL", url)))
                .singleElement()
                .asString()
                .startsWith("DOCS_DATABASE_URL m")
                .doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:mem:x",
                "jdbc:h2:tcp://localhost/x",
                "jdbc:h2:file:",
                "jdbc:h2:file:;CACHE_SIZE=1",
                "jdbc:h2:file:/d;INIT=RUNSCRIPT FROM 'x'",
                "jdbc:h2:file:/d;CACHE_SIZE=1; init =x",
                "jdbc:h2:file:/d;I\\NIT=x",
                "jdbc:h2:file:/d;CACHE_SIZE=1\\;INIT=x",
                "jdbc:h2:file:/d;AUTO_SERVER=TRUE",
                "jdbc:h2:file:/d;WRITE_DELAY=500",
                "jdbc:postgresql:",
                "docs"
            })
    void aDatabaseThatIsNoneOfOursOrRunsStatementsIsRefused(String url) {
        assertThat(problems(Map.of("--database-url", url), Map.of()))
                .singleElement()
                .asString()
                .startsWith("DOCS_DATABASE_URL m");
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db:5432/docs?sslmode=require, jdbc:postgresql://db:5432/docs?sslmode=require",
        "jdbc:h2:file:/d/x;CACHE_SIZE=1, jdbc:h2:file:/d/x;CACHE_SIZE=1",
        "jdbc:h2:file:./x, jdbc:h2:file:/srv/work/x",
        "jdbc:h2:file:~/x, jdbc:h2:file:~/x"
    })
    void aDatabaseUrlIsTakenWithItsPathMadeAbsolute(String url, String expected) {
        Settings settings = Settings.read(Map.of("--database-url", url), Map.of(), CWD);

        assertThat(settings.databaseUrl()).isEqualTo(expected);
        assertThat(settings.describe()).anyMatch(line -> line.contains(expected));
    }

    @Test
    void databaseAndFilesFollowTheDataFolder() {
        Settings settings = Settings.read(Map.of("--data", "/d,e/../f,g"), Map.of(), CWD);

        assertThat(settings.databaseUrl()).isEqualTo("jdbc:h2:file:/f,g/docs");
        assertThat(settings.stores()).containsExactly(new Store("main", Path.of("/f,g/files")));
        assertThat(problems(Map.of("--data", "/d;INIT=x"), Map.of()))
                .singleElement()
                .asString()
                .startsWith("DOCS_DATA must not contain a semicolon");
    }

    @Test
    void storesKeepTheirOrder() {
        Settings settings = Settings.read(Map.of("--storage", "new=fs:n, main = fs:/m/x=y"), Map.of(), CWD);

        assertThat(settings.stores())
                .containsExactly(new Store("new", CWD.resolve("n")), new Store("main", Path.of("/m/x=y")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "inline=fs:/x",
                "Main=fs:/x",
                "1=fs:/x",
                "a=fs:/x,a=fs:/y",
                "a=fs:/x,b=fs:/x/",
                "a=fs:/x,b=fs:/x/y",
                "a=fs:",
                "a=s3://bucket",
                "/x",
                "a=fs:/x,"
            })
    void storesThatClashOrHaveNoValidNameAreRefused(String storage) {
        assertThat(problems(Map.of("--storage", storage), Map.of()))
                .singleElement()
                .asString()
                .startsWith("DOCS_STORAGE must");
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, false",
        "::, false",
        "example.org, false",
        "10.0.0.1, false",
        "127.0.0.1, true",
        "127.9.9.9, true",
        "::1, true",
        "[::1], true",
        "localhost, true"
    })
    void withoutAuthenticationOnlyALoopbackAddressIsServed(String host, boolean allowed) {
        Map<String, String> flags = Map.of("--auth", "none", "--host", host);
        if (allowed) {
            assertThat(Settings.read(flags, Map.of(), CWD).authentication()).isEqualTo(Authentication.NONE);
        } else {
            assertThat(problems(flags, Map.of()))
                    .containsExactly("DOCS_HOST must be a loopback address such as 127.0.0.1 while DOCS_AUTH is none;"
                            + " it is \"" + host + "\" (from --host)");
        }
    }

    @Test
    void anIssuerIsNamedWithAnAudienceAndAtAnAddressThatCanBeTrusted() {
        assertThat(problems(Map.of("--auth", "jwt"), Map.of()))
                .containsExactly(
                        "DOCS_JWT_ISSUER must be given while DOCS_AUTH is jwt; it is \"\" (the default)",
                        "DOCS_JWT_AUDIENCE must be given while DOCS_AUTH is jwt; it is \"\" (the default)");
        for (String address : List.of("http://login.example.org", "login.example.org", "file:///keys", "https://a b")) {
            assertThat(problems(Map.of("--jwt-issuer", address, "--jwt-jwks-url", address), Map.of()))
                    .hasSize(2)
                    .allMatch(problem ->
                            problem.contains("must be an https address, or an http address of this machine"));
        }
        assertThat(problems(Map.of("--jwt-issuer", "https://ann:hunter2@login.example.org"), Map.of()))
                .singleElement()
                .asString()
                .contains("https://***@login.example.org")
                .doesNotContain("hunter2");
        for (String algorithm : List.of("none", "HS256", "RS256,HS512", "rs256", "EdDSA", "RS256,,ES256")) {
            assertThat(problems(Map.of("--jwt-algorithms", algorithm), Map.of()))
                    .singleElement()
                    .asString()
                    .startsWith("DOCS_JWT_ALGORITHMS must be some of ES256, ");
        }
        assertThat(problems(Map.of("--jwt-clock-skew", "6m"), Map.of())).hasSize(1);

        JwtOptions jwt = Settings.read(
                        Map.of(
                                "--auth", "jwt",
                                "--jwt-issuer", "https://login.example.org/realms/x",
                                "--jwt-audience", "docs,other",
                                "--jwt-administrator-claim", "roles"),
                        Map.of(),
                        CWD)
                .jwt();
        assertThat(jwt.issuer()).isEqualTo("https://login.example.org/realms/x");
        assertThat(jwt.audiences()).containsExactlyInAnyOrder("docs", "other");
        assertThat(jwt.keys()).isNull();
        assertThat(jwt.userClaim()).isEqualTo("sub");
        assertThat(jwt.administratorClaim()).isEqualTo("roles");
        assertThat(jwt.administratorRole()).isEqualTo("docs-admin");
        assertThat(jwt.algorithms()).containsExactlyInAnyOrder("RS256", "ES256");
        assertThat(jwt.clockSkew()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void aProxyIsTrustedByItsAddressAlone() {
        assertThat(problems(Map.of("--auth", "proxy"), Map.of()))
                .containsExactly("DOCS_PROXY_ADDRESSES must name the trusted proxies while DOCS_AUTH is proxy;"
                        + " it is \"\" (the default)");

        Settings settings = Settings.read(
                Map.of(
                        "--auth", "proxy",
                        "--proxy-addresses", "127.0.0.1, 10.0.0.0/8,fd00::/8 , ::1",
                        "--proxy-administrators", "ann, bob"),
                Map.of(),
                CWD);
        assertThat(settings.proxyAddresses()).containsExactly("127.0.0.1", "10.0.0.0/8", "fd00::/8", "::1");
        assertThat(settings.proxyAdministrators()).containsExactlyInAnyOrder("ann", "bob");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "example.org",
                "10.0.0",
                "10.0.0.256",
                "010.0.0.1",
                "10.0.0.0/33",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "0.0.0.0/0",
                "::/0",
                "fe80::1%eth0",
                "1::2::3",
                "12345::",
                "10.0.0.1:80",
                "[::1]",
                "10.0.0.1,,10.0.0.2",
                "::/129"
            })
    void aProxyThatIsNoLiteralAddressIsRefused(String addresses) {
        assertThat(problems(Map.of("--auth", "proxy", "--proxy-addresses", addresses), Map.of()))
                .singleElement()
                .asString()
                .startsWith("DOCS_PROXY_ADDRESSES must");
    }

    @Test
    void usageIsCountedInSeveralRowsOnPostgreSqlOnly() {
        assertThat(problems(Map.of("--usage-shards", "2"), Map.of()))
                .singleElement()
                .asString()
                .startsWith("DOCS_USAGE_SHARDS must be 1 on H2");
        Map<String, String> postgresql =
                Map.of("--usage-shards", "2", "--database-url", "jdbc:postgresql://localhost/docs");
        assertThat(Settings.read(postgresql, Map.of(), CWD).usageShards()).isEqualTo(2);
    }

    @Test
    void aLeaseEndsBeforeItsUploadExpires() {
        assertThat(problems(Map.of("--upload-lease", "3m", "--upload-expiry", "2m"), Map.of()))
                .singleElement()
                .asString()
                .startsWith("DOCS_UPLOAD_LEASE must not be longer than DOCS_UPLOAD_EXPIRY");
    }

    @ParameterizedTest
    @CsvSource({
        "16384, 16384",
        "1B, 1",
        "64 MiB, 67108864",
        "10GiB, 10737418240",
        "3kib, 3072",
        "8192TiB, 9007199254740992"
    })
    void sizesAreBytesOrBinaryMultiples(String text, long bytes) {
        assertThat(Settings.read(Map.of("--max-document-bytes", text), Map.of(), CWD)
                        .maxDocumentBytes())
                .isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0", "-1", "1.5GiB", "10GB", "10G", "8193TiB", "99999999999999999999", "16777216TiB", "GiB", "١"
            })
    void aSizeThatIsNoneIsRefused(String text) {
        assertThat(problems(Map.of("--max-document-bytes", text), Map.of()))
                .containsExactly(
                        "DOCS_MAX_DOCUMENT_BYTES must be a size from 1 to 8192TiB, such as 16384, 64MiB or 10GiB;"
                                + " it is \"" + text + "\" (from --max-document-bytes)");
    }

    @ParameterizedTest
    @CsvSource({"30s, PT30S", "1500ms, PT1.5S", "2m, PT2M", "24 h, PT24H", "7d, PT168H", "PT24H, PT24H", "pt1m, PT1M"})
    void durationsAreANumberWithAUnitOrIso8601(String text, Duration duration) {
        assertThat(Settings.read(Map.of("--upload-expiry", text, "--upload-lease", "1s"), Map.of(), CWD)
                        .uploadExpiry())
                .isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0s", "30", "-1s", "PT-1H", "P1Y", "366d", "9999999999999999d", "99999999999999999999s", "1w"})
    void aDurationThatIsNoneIsRefused(String text) {
        assertThat(problems(Map.of("--upload-expiry", text), Map.of()))
                .singleElement()
                .asString()
                .startsWith("DOCS_UPLOAD_EXPIRY must be a duration from 1s to 365d");
    }

    @ParameterizedTest
    @CsvSource({
        "--host, under_score",
        "--host, 1.2.3.4.5",
        "--host, 127.1",
        "--host, -x",
        "--port, 65536",
        "--port, +1",
        "--database-pool-size, 0",
        "--inline-max-bytes, 1048577",
        "--allowed-types, pdf",
        "--denied-types, */png",
        "--max-name-length, 256",
        "--max-metadata-depth, 0",
        "--auth, basic",
        "--proxy-user-header, X User",
        "--durability, maybe",
        "--require-if-match, yes",
        "--log-level, off"
    })
    void aValueOutsideItsRangeIsRefused(String flag, String value) {
        assertThat(problems(Map.of(flag, value), Map.of()))
                .singleElement()
                .asString()
                .contains("must be")
                .endsWith("it is \"" + value + "\" (from " + flag + ")");
    }

    private static String sample(Setting setting) {
        return switch (setting) {
            case ALLOWED_TYPES, DENIED_TYPES -> "image/png";
            case JWT_ISSUER, JWT_JWKS_URL, CORS_ORIGINS -> "https://login.example.org";
            default -> "127.0.0.1";
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "null",
                "example.org",
                "https://example.org/",
                "https://Example.org",
                "https://example.org:443",
                "http://example.org:80",
                "https://*.example.org",
                "ftp://example.org",
                "https://user@example.org",
                "https://a.org https://b.org"
            })
    void originsAreWrittenAsBrowsersDo(String origin) {
        assertThat(Settings.read(
                                Map.of(
                                        "--cors-origins",
                                        "https://example.org, http://localhost:3000,http://[::1]:8443"),
                                Map.of(),
                                CWD)
                        .corsOrigins())
                .containsExactlyInAnyOrder("https://example.org", "http://localhost:3000", "http://[::1]:8443");
        assertThatThrownBy(() -> Settings.read(Map.of("--cors-origins", origin), Map.of(), CWD))
                .hasMessageContaining("DOCS_CORS_ORIGINS");
    }

    @Test
    void typesAreListsOfPatternsInAnyCase() {
        Settings settings = Settings.read(
                Map.of("--allowed-types", "Image/*, application/pdf", "--denied-types", "image/svg+xml"),
                Map.of(),
                CWD);

        assertThat(settings.allowedTypes()).containsExactly("image/*", "application/pdf");
        assertThat(settings.deniedTypes()).containsExactly("image/svg+xml");
    }

    @Test
    void wordsAreReadInAnyCase() {
        Settings settings = Settings.read(
                Map.of("--durability", "Process", "--require-if-match", "TRUE", "--log-level", "DEBUG"), Map.of(), CWD);

        assertThat(settings.durability()).isEqualTo(Durability.PROCESS);
        assertThat(settings.requireIfMatch()).isTrue();
        assertThat(settings.logLevel()).isEqualTo(Level.DEBUG);
    }

    @Test
    void aConfigurationFileThatCannotBeReadIsAProblem() throws IOException {
        Path latin = Files.write(folder.resolve("latin"), "docs.data=/ü".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(problems(Map.of("--config", "/no/such"), Map.of()))
                .containsExactly("the configuration file \"/no/such\" (from --config) does not exist");
        assertThat(problems(Map.of(), Map.of("DOCS_CONFIG", latin.toString())))
                .containsExactly("the configuration file \"" + latin + "\" (from DOCS_CONFIG) is not UTF-8");
        assertThat(problems(Map.of("--config", folder.toString()), Map.of()))
                .singleElement()
                .asString()
                .contains("cannot be read");
        assertThat(problems(Map.of("--config", file("docs.data=\\u00x").toString()), Map.of()))
                .singleElement()
                .asString()
                .contains("malformed \\u escape");
    }

    @Test
    void namesThatAreNotSettingsButBelongToTheStartAreLeftAlone() {
        Settings settings = Settings.read(
                Map.of(),
                Map.of("DOCS_JAVA_OPTS", "-Xmx1g", "DOCS_CONFIG", "", "DOCKER_HOST", "x", "PATH", "/bin"),
                CWD);

        assertThat(settings).isEqualTo(Settings.read(Map.of(), Map.of(), CWD));
    }

    @Test
    void whatKubernetesAddsForAServiceCalledDocsIsLeftAlone() {
        Settings settings = Settings.read(
                Map.of(),
                Map.of(
                        "DOCS_SERVICE_HOST", "10.0.0.1",
                        "DOCS_SERVICE_PORT", "80",
                        "DOCS_SERVICE_PORT_HTTP", "80",
                        "DOCS_PORT", "tcp://10.0.0.1:80",
                        "DOCS_PORT_80_TCP", "tcp://10.0.0.1:80",
                        "DOCS_PORT_80_TCP_ADDR", "10.0.0.1"),
                CWD);

        assertThat(settings.port()).isEqualTo(8080);
    }

    @Test
    void aValueKeepsToItsLine() {
        assertThat(problems(Map.of("--host", "a\nb"), Map.of("DOCS_X\r\n", "1")))
                .hasSize(2);
        assertThat(Settings.read(Map.of("--data", "/a\nb"), Map.of(), CWD).describe())
                .hasSize(Setting.values().length)
                .noneMatch(line -> line.contains("\n"));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("docs.properties"), text);
    }

    private static String sourceOf(Settings settings, Setting setting) {
        return settings.entries().stream()
                .filter(entry -> entry.setting() == setting)
                .map(Settings.Entry::source)
                .findFirst()
                .orElseThrow();
    }

    private static List<String> problems(Map<String, String> flags, Map<String, String> environment) {
        Settings.InvalidException e =
                catchThrowableOfType(Settings.InvalidException.class, () -> Settings.read(flags, environment, CWD));
        assertThat(e).as("the configuration should be refused").isNotNull();
        return e.problems();
    }
}
