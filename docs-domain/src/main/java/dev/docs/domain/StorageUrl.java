package dev.docs.domain;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where stored bytes are: {@code docs://<store>/<key>}, for example {@code docs://main/2026/11/23/a7/019ab3...}.
 *
 * <p>A logical name. Which folder, bucket or table the store is stands in the configuration alone, so that moving a
 * store never rewrites a row. It is looked up in a registry of stores, never fetched, and never made from user input.
 *
 * @param store 1-63 characters {@code [a-z0-9-]}, starting with a letter
 * @param key 1-200 characters {@code [a-z0-9/-]}, no empty segment; unique within the store and never used again
 */
public record StorageUrl(String store, String key) {
    private static final Pattern STORE = Pattern.compile("[a-z][a-z0-9-]{0,62}");
    private static final Pattern KEY = Pattern.compile("(?=.{1,200}$)[a-z0-9-]+(/[a-z0-9-]+)*");
    private static final Pattern URL = Pattern.compile("docs://([^/]+)/(.+)");

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy/MM/dd", Locale.ROOT).withZone(ZoneOffset.UTC);

    public StorageUrl {
        if (!STORE.matcher(store).matches()) {
            throw new IllegalArgumentException("not the name of a store: " + store);
        }
        if (!isKey(key)) {
            throw new IllegalArgumentException("not a storage key: " + key);
        }
    }

    /** Whether a text may be a key, as the parameter says. */
    public static boolean isKey(String text) {
        return KEY.matcher(text).matches();
    }

    /** Reads the form that {@link #toString()} writes. */
    public static StorageUrl parse(String url) {
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a storage URL: " + url);
        }
        return new StorageUrl(matcher.group(1), matcher.group(2));
    }

    /**
     * The address of new content: the day of a UUIDv7 (RFC 9562), its last byte and the id itself. So copies and checks
     * can go day by day, and no folder grows without bound.
     */
    public static StorageUrl of(String store, UUID uuidV7) {
        String day = DAY.format(Instant.ofEpochMilli(uuidV7.getMostSignificantBits() >>> 16));
        String id = uuidV7.toString();
        return new StorageUrl(store, day + "/" + id.substring(id.length() - 2) + "/" + id);
    }

    @Override
    public String toString() {
        return "docs://" + store + "/" + key;
    }
}
