package dev.docs.adapter.http;

import dev.docs.application.DocumentService;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.MetadataCondition;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.MediaTypes;
import dev.docs.domain.Position;
import dev.docs.domain.Sha256;
import dev.docs.domain.UserIds;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * The query of a list of documents.
 *
 * @param after where the page begins, or null
 * @param count whether to count what matches
 * @param fingerprint of everything that decides which documents come in which order
 */
record ListRequest(DocumentQuery query, @Nullable Position after, int limit, boolean count, long fingerprint) {
    static final Set<String> FILTERS = Set.of(
            "status",
            "name",
            "name_prefix",
            "mime_type",
            "metadata",
            "created_after",
            "created_before",
            "updated_after",
            "updated_before",
            "min_size",
            "max_size",
            "sha256",
            "user_id",
            "sort");
    static final Set<String> PAGING = Set.of("limit", "cursor", "count");
    private static final int DEFAULT_LIMIT = 50;
    private static final int CHECKSUM_AT = Long.BYTES * 3;
    private static final int CURSOR_HEAD_BYTES = CHECKSUM_AT + Integer.BYTES;

    /** A byte that UTF-8 has nowhere. */
    private static final int NO_TEXT = 0xff;

    /**
     * @throws Problem.Raised naming the parameter that is unknown, repeated or wrong
     */
    static ListRequest parse(Caller caller, Map<String, List<String>> parameters) {
        for (String name : parameters.keySet()) {
            if (!FILTERS.contains(name) && !PAGING.contains(name)) {
                throw Problem.parameter(name, "is not known here", null);
            }
        }
        Parameters given = new Parameters(parameters);
        String userId = given.user("user_id");
        String sort = given.text("sort") == null ? "-created_at" : given.required("sort");
        boolean descending = sort.startsWith("-");
        DocumentQuery query = DocumentQuery.builder(userId == null ? caller.userId() : userId)
                .statuses(statuses(parameters.getOrDefault("status", List.of())))
                .nameContains(given.text("name"))
                .namePrefix(given.text("name_prefix"))
                .mimeType(mimeType(given.text("mime_type")))
                .metadata(parameters.getOrDefault("metadata", List.of()).stream()
                        .map(ListRequest::condition)
                        .toList())
                .createdBetween(given.time("created_after"), given.time("created_before"))
                .updatedBetween(given.time("updated_after"), given.time("updated_before"))
                .sizeBetween(given.size("min_size"), given.size("max_size"))
                .sha256(sha256(given.text("sha256")))
                .sort(sort(descending ? sort.substring(1) : sort), descending)
                .build();
        long fingerprint = fingerprint(query.userId(), parameters);
        String cursor = given.text("cursor");
        return new ListRequest(
                query,
                cursor == null ? null : position(cursor, query.sort(), fingerprint),
                given.limit(DEFAULT_LIMIT),
                given.flag("count"),
                fingerprint);
    }

    /**
     * The same conditions in the body of another request, where each is a text, a number, or a list of these.
     *
     * @param pointer to the object, for problems
     */
    static DocumentQuery filter(Caller caller, Map<String, ?> members, String pointer) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        members.forEach((name, value) -> {
            String where = pointer + "/" + Wire.pointer(name);
            List<?> values = value instanceof List<?> list ? list : Collections.singletonList(value);
            List<String> texts = new ArrayList<>();
            for (Object each : values) {
                if (!(each instanceof String || each instanceof Integer || each instanceof Long)) {
                    throw Problem.field(where, "must be a text or a whole number, or a list of these");
                }
                texts.add(each.toString());
            }
            if (texts.isEmpty()) {
                throw Problem.field(where, "must not be an empty list");
            }
            if (PAGING.contains(name)) {
                throw Problem.field(where, "is not known here");
            }
            parameters.put(name, texts);
        });
        try {
            return parse(caller, parameters).query();
        } catch (Problem.Raised e) {
            for (Problem.Fault fault : e.problem().errors()) {
                String name = fault.parameter() == null ? "" : Wire.pointer(fault.parameter());
                throw Problem.field(pointer + "/" + name, fault.detail());
            }
            throw e;
        }
    }

    /** The opaque form of a position: it only fits the filters and the order that it was made with. */
    String cursor(Position position) {
        byte[] key = position.key().getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(CURSOR_HEAD_BYTES + key.length)
                .putLong(fingerprint)
                .putLong(position.id().getMostSignificantBits())
                .putLong(position.id().getLeastSignificantBits())
                .putInt(0)
                .put(key);
        bytes.putInt(CHECKSUM_AT, checksum(bytes));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    private static Position position(String cursor, Sort sort, long fingerprint) {
        ByteBuffer bytes;
        try {
            bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
        } catch (IllegalArgumentException e) {
            throw badCursor("is not a cursor");
        }
        if (bytes.remaining() < CURSOR_HEAD_BYTES) {
            throw badCursor("is not a cursor");
        }
        int announced = bytes.getInt(CHECKSUM_AT);
        if (announced != checksum(bytes.putInt(CHECKSUM_AT, 0))) {
            throw badCursor("is damaged");
        }
        if (bytes.getLong() != fingerprint) {
            throw badCursor("belongs to another list: filters and sort must stay the same from page to page");
        }
        UUID id = new UUID(bytes.getLong(), bytes.getLong());
        String key = utf8(bytes.position(CURSOR_HEAD_BYTES));
        if (key == null || !sort.isKey(key)) {
            throw badCursor("is not a cursor");
        }
        return new Position(key, id);
    }

    /** A damaged position would silently leave documents out or repeat them. */
    private static int checksum(ByteBuffer cursor) {
        CRC32 crc = new CRC32();
        crc.update(cursor.duplicate().clear());
        return (int) crc.getValue();
    }

    private static Problem.Raised badCursor(String detail) {
        return Problem.parameter("cursor", detail, null);
    }

    private static long fingerprint(String userId, Map<String, List<String>> parameters) {
        TreeMap<String, List<String>> filters = new TreeMap<>(parameters);
        filters.keySet().removeAll(PAGING);
        filters.put("user_id", List.of(userId));
        byte[] digest = Sha256.newDigest().digest(filters.toString().getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(digest).getLong();
    }

    private static Set<DocumentStatus> statuses(List<String> values) {
        if (values.isEmpty()) {
            return Set.of(DocumentStatus.ACTIVE);
        }
        EnumSet<DocumentStatus> statuses = EnumSet.noneOf(DocumentStatus.class);
        for (String value : values) {
            if (value.equals("any")) {
                return EnumSet.allOf(DocumentStatus.class);
            }
            statuses.add(DocumentStatus.ofWire(value)
                    .orElseThrow(() ->
                            Problem.parameter("status", "must be pending, active, archived, error or any", null)));
        }
        return statuses;
    }

    private static Sort sort(String name) {
        return switch (name) {
            case "created_at" -> Sort.CREATED;
            case "updated_at" -> Sort.UPDATED;
            case "name" -> Sort.NAME;
            case "size_bytes" -> Sort.SIZE;
            default ->
                throw Problem.parameter(
                        "sort",
                        "must be created_at, updated_at, name or size_bytes, with or without a leading -",
                        null);
        };
    }

    private static @Nullable String mimeType(@Nullable String value) {
        if (value == null || MediaTypes.isValid(value)) {
            return value;
        }
        if (value.endsWith("/*") && MediaTypes.isValid(value.substring(0, value.length() - 1) + "x")) {
            return value;
        }
        throw Problem.parameter("mime_type", "must be a media type such as application/pdf or image/*", null);
    }

    private static @Nullable String sha256(@Nullable String value) {
        if (value == null || value.matches("[0-9a-f]{64}")) {
            return value;
        }
        throw Problem.parameter("sha256", "must be 64 lower-case hexadecimal digits", 64L);
    }

    /**
     * KEY:VALUE, or KEY:* for any value. What else could not be asked for: in the key {@code \:} is a colon and
     * {@code \\} a backslash, and the value {@code \*} is an asterisk.
     */
    private static MetadataCondition condition(String text) {
        StringBuilder key = new StringBuilder();
        int at = 0;
        while (at < text.length() && text.charAt(at) != ':') {
            if (text.startsWith("\\:", at) || text.startsWith("\\\\", at)) {
                at++;
            }
            key.append(text.charAt(at++));
        }
        if (key.isEmpty() || at == text.length() || !isText(text)) {
            throw Problem.parameter("metadata", "must be KEY:VALUE, or KEY:* for any value", null);
        }
        String value = text.substring(at + 1);
        if (value.equals("*")) {
            return new MetadataCondition(key.toString(), null);
        }
        return new MetadataCondition(key.toString(), value.matches("\\\\+\\*") ? value.substring(1) : value);
    }

    /** Whether every database and every JSON can carry it. */
    private static boolean isText(String value) {
        return value.codePoints().noneMatch(c -> c == 0 || (c >= 0xD800 && c <= 0xDFFF));
    }

    /** Null if they are not UTF-8. */
    private static @Nullable String utf8(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Parameters that may be given once. */
    record Parameters(Map<String, List<String>> all) {
        /**
         * Reads a query strictly: Javalin leaves out a parameter that it can't decode, and a filter left out finds
         * everything.
         */
        static Parameters of(@Nullable String query) {
            Map<String, List<String>> all = new LinkedHashMap<>();
            for (String pair : query == null ? new String[0] : query.split("&")) {
                int equals = pair.indexOf('=');
                String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
                String value = decoded(equals < 0 ? "" : pair.substring(equals + 1));
                if (!pair.isEmpty()) {
                    all.computeIfAbsent(name, first -> new ArrayList<>()).add(value);
                }
            }
            return new Parameters(all);
        }

        /** What the JDK's decoder makes of {@code %+1}, or of a character that is not ASCII, nobody can have meant. */
        private static String decoded(String text) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
            for (int at = 0; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '%') {
                    boolean isByte = at + 2 < text.length()
                            && HexFormat.isHexDigit(text.charAt(at + 1))
                            && HexFormat.isHexDigit(text.charAt(at + 2));
                    bytes.write(isByte ? HexFormat.fromHexDigits(text, at + 1, at + 3) : NO_TEXT);
                    at += 2;
                } else {
                    bytes.write(c == '+' ? ' ' : c < 0x80 ? c : NO_TEXT);
                }
            }
            String decoded = utf8(ByteBuffer.wrap(bytes.toByteArray()));
            if (decoded == null) {
                throw Problem.malformed("the query is not UTF-8 in percent-encoding")
                        .raise();
            }
            return decoded;
        }

        @Nullable
        String text(String name) {
            List<String> values = all.getOrDefault(name, List.of());
            if (values.size() > 1) {
                throw Problem.parameter(name, "is given more than once", 1L);
            }
            if (values.isEmpty()) {
                return null;
            }
            String value = values.get(0);
            if (value.isEmpty() || !isText(value)) {
                throw Problem.parameter(name, "must be text, and not empty", null);
            }
            return value;
        }

        String required(String name) {
            String value = text(name);
            if (value == null) {
                throw Problem.parameter(name, "must be given", null);
            }
            return value;
        }

        @Nullable
        String user(String name) {
            String value = text(name);
            try {
                if (value != null) {
                    UserIds.check(value);
                }
                return value;
            } catch (DocumentValidationException e) {
                DocumentValidationException.Problem problem = e.problems().get(0);
                throw Problem.parameter(name, problem.detail(), problem.limit());
            }
        }

        @Nullable
        Instant time(String name) {
            String value = text(name);
            try {
                Instant time = value == null ? null : Instant.parse(value);
                if (time != null && (time.isBefore(Instant.EPOCH) || time.toEpochMilli() >= 1L << 47)) {
                    throw Problem.parameter(name, "is out of range", null);
                }
                return time;
            } catch (DateTimeParseException | ArithmeticException e) {
                throw Problem.parameter(name, "must be a time such as 2026-11-23T10:15:30Z", null);
            }
        }

        @Nullable
        Long size(String name) {
            String value = text(name);
            if (value == null) {
                return null;
            }
            if (!value.matches("\\d{1,18}")) {
                throw Problem.parameter(name, "must be a number of bytes", null);
            }
            return Long.parseLong(value);
        }

        int limit(int byDefault) {
            String value = text("limit");
            if (value == null) {
                return byDefault;
            }
            if (!value.matches("\\d{1,9}")
                    || Integer.parseInt(value) < 1
                    || Integer.parseInt(value) > DocumentService.MAX_PAGE) {
                throw Problem.parameter(
                        "limit", "must be 1 to " + DocumentService.MAX_PAGE, (long) DocumentService.MAX_PAGE);
            }
            return Integer.parseInt(value);
        }

        boolean flag(String name) {
            String value = text(name);
            if (value == null || value.equals("false")) {
                return false;
            }
            if (!value.equals("true")) {
                throw Problem.parameter(name, "must be true or false", null);
            }
            return true;
        }

        /** A number of a version. */
        @Nullable
        Integer version(String name) {
            String value = text(name);
            if (value == null) {
                return null;
            }
            if (!value.matches("[1-9]\\d{0,8}")) {
                throw Problem.parameter(name, "must be the number of a version, from 1", null);
            }
            return Integer.parseInt(value);
        }

        void allowOnly(String... known) {
            for (String name : all.keySet()) {
                if (!List.of(known).contains(name)) {
                    throw Problem.parameter(name, "is not known here", null);
                }
            }
        }
    }
}
