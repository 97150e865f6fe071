package dev.docs.app;

import java.util.Locale;

/**
 * Everything an operator can set. The one list from which the options of the command line, the names of environment
 * variables and the keys of the configuration file are made.
 */
enum Setting {
    HOST("NAME", "127.0.0.1", "IP address or host name to listen on"),
    PORT("NUMBER", "8080", "TCP port to listen on, 0 for any free one"),
    DATA("PATH", "docs-data", "folder for the embedded database and the files"),
    DATABASE_URL("URL", "jdbc:h2:file:DATA/docs", "jdbc:postgresql:... or jdbc:h2:file:..."),
    DATABASE_USER("NAME", "docs", "user of the database"),
    DATABASE_PASSWORD("TEXT", "", "password of that user; other local users can see options, so set it elsewhere") {
        @Override
        boolean secret() {
            return true;
        }
    },
    DATABASE_POOL_SIZE("NUMBER", "10", "most connections to the database"),
    STORAGE("LIST", "main=fs:DATA/files", "where content is: NAME=fs:PATH,...; new content goes to the first"),
    MIN_FREE_BYTES("SIZE", "64MiB", "space that uploads leave on the disk that takes new content; 0 for none"),
    INLINE_MAX_BYTES("SIZE", "16KiB", "content up to this size is kept in the database; 0 for none, at most 1MiB"),
    MAX_DOCUMENT_BYTES("SIZE", "10GiB", "largest content of a document"),
    DEFAULT_QUOTA_BYTES("SIZE", "0", "bytes each user may keep unless set otherwise; 0 for no limit"),
    MAX_DOCUMENTS("NUMBER", "0", "documents each user may keep unless set otherwise; 0 for no limit"),
    MAX_UPLOADS("NUMBER", "0", "uploads each user may have under way unless set otherwise; 0 for no limit"),
    USAGE_SHARDS(
            "NUMBER", "1", "rows in which each user's usage is counted: more for users with many writers; PostgreSQL"),
    ALLOWED_TYPES("LIST", "", "media types that may be stored: image/png,text/*,...; none for all"),
    DENIED_TYPES("LIST", "", "media types that may not be stored, also where they are allowed"),
    MAX_NAME_LENGTH("NUMBER", "255", "most characters of a document's name"),
    MAX_METADATA_BYTES("SIZE", "64KiB", "most metadata of a document, as JSON"),
    MAX_METADATA_DEPTH("NUMBER", "8", "deepest nesting of metadata"),
    MAX_METADATA_ENTRIES("NUMBER", "256", "most members and elements of a document's metadata"),
    AUTH("KIND", "tokens", "who says who calls: tokens, jwt, proxy, or none (one user, on a loopback address only)"),
    PROXY_USER_HEADER("NAME", "X-Forwarded-User", "request header in which the proxy names the user"),
    PROXY_ADDRESSES("LIST", "", "IP addresses and networks (10.0.0.0/8) of trusted proxies, separated by commas"),
    PROXY_ADMINISTRATORS("LIST", "", "users named by the proxy who are administrators, separated by commas"),
    JWT_ISSUER("URL", "", "OpenID Connect issuer whose tokens callers bring: https://login.example.org"),
    JWT_AUDIENCE("LIST", "", "names of this server in those tokens, any of which has to be there, separated by commas"),
    JWT_JWKS_URL("URL", "", "where the issuer's keys are; without it, the issuer is asked"),
    JWT_ALGORITHMS("LIST", "RS256,ES256", "signatures that are taken: RS, PS or ES with 256, 384 or 512"),
    JWT_USER_CLAIM("NAME", "sub", "claim that has the user's id"),
    JWT_ADMINISTRATOR_CLAIM("NAME", "", "claim that has the user's roles: roles, or realm_access.roles"),
    JWT_ADMINISTRATOR_ROLE("NAME", "docs-admin", "role that makes administrators"),
    JWT_ADMINISTRATORS("LIST", "", "users who are administrators whatever their roles, separated by commas"),
    JWT_CLOCK_SKEW("DURATION", "30s", "by how much the issuer's clock may be wrong"),
    UPLOAD_EXPIRY("DURATION", "24h", "how long an unfinished upload may be continued"),
    UPLOAD_LEASE("DURATION", "2m", "how long a silent upload counts as alive"),
    PURGE_GRACE("DURATION", "24h", "how long purged bytes stay on disk; at least the time between two backups"),
    SWEEP_INTERVAL("DURATION", "30s", "time between two rounds of housekeeping"),
    PURGE_ARCHIVED_AFTER(
            "DURATION", "0s", "how long an archived document may stay untouched until it is purged; 0s for ever"),
    KEEP_VERSIONS("NUMBER", "0", "most versions of each document that are kept, the current one included; 0 for all"),
    SCRUB_BYTES_PER_DAY("SIZE", "100GiB", "content that is read back each day to see whether it is whole; 0 for none"),
    VERIFY_DOWNLOADS(
            "BOOLEAN", "true", "whether a full download is compared with its SHA-256 before its last byte is sent"),
    DURABILITY("KIND", "power-loss", "what acknowledged documents survive: power-loss, or process (its crash only)"),
    REQUIRE_IF_MATCH("BOOLEAN", "false", "whether changes must name the revision they change (If-Match)"),
    CORS_ORIGINS("LIST", "", "origins whose pages may use the API from a browser: https://example.org,..."),
    MAX_CONNECTIONS("NUMBER", "1024", "most open connections of clients"),
    IDLE_TIMEOUT("DURATION", "30s", "how long a connection may be silent"),
    MIN_UPLOAD_RATE(
            "SIZE", "1KiB", "bytes a second that uploads must come at, averaged over the idle timeout; 0 for any"),
    SHUTDOWN_TIMEOUT("DURATION", "30s", "how long requests may take to end when the server stops"),
    METRICS("KIND", "administrators", "who may read /metrics: administrators, open (anybody), or off (nobody)"),
    ACCESS_LOG("KIND", "users", "a line in the log for each request: users, anonymous (without users), or off"),
    LOG_FORMAT("KIND", "text", "form of the log's lines: text or json"),
    LOG_LEVEL("LEVEL", "info", "least level of the server's own log: error, warn, info, debug or trace");

    private static final String PREFIX = "DOCS_";

    private final String form;
    private final String defaultText;
    private final String description;

    Setting(String form, String defaultText, String description) {
        this.form = form;
        this.defaultText = defaultText;
        this.description = description;
    }

    /** The environment variable, which is also what messages call the setting: {@code DOCS_MAX_DOCUMENT_BYTES}. */
    String variable() {
        return PREFIX + name();
    }

    /** The option of the command line: {@code --max-document-bytes}. */
    String flag() {
        return "--" + kebab();
    }

    /** The key in a properties file: {@code docs.max-document-bytes}. */
    String key() {
        return "docs." + kebab();
    }

    /** What stands for a value in usage messages. */
    String form() {
        return form;
    }

    /** As text; a word {@code DATA} in it is the value of {@link #DATA}. */
    String defaultText() {
        return defaultText;
    }

    /** One line, no full stop. */
    String description() {
        return description;
    }

    /** Whether a value must never be printed. */
    boolean secret() {
        return false;
    }

    private String kebab() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
