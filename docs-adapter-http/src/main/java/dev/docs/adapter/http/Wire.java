package dev.docs.adapter.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.docs.application.UserUsage;
import dev.docs.domain.ApiToken;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.DocumentVersion;
import dev.docs.domain.Quota;
import dev.docs.domain.Quota.Limit;
import dev.docs.domain.Usage;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The JSON that goes over the wire, both ways. */
final class Wire {
    /** More than any accepted metadata needs; what is longer is refused unread. */
    static final int MAX_JSON_BYTES = 1 << 20;

    private static final int MAX_DEPTH = 100;

    static final String JSON = "application/json";
    static final String MERGE_PATCH = "application/merge-patch+json";
    static final String PROBLEM = "application/problem+json";

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final ObjectMapper MAPPER = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            // four bytes for an emoji, as others write it, and not the twelve of two escapes
            .enable(JsonGenerator.Feature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Wire() {}

    static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a value of ours can't be written as JSON", e);
        }
    }

    static String time(Instant instant) {
        return TIME.format(instant);
    }

    /** A request's body, which has to be one JSON object of at most {@value #MAX_JSON_BYTES} bytes. */
    static Map<String, @Nullable Object> readObject(HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() > MAX_JSON_BYTES) {
            throw tooLong();
        }
        try (InputStream in = request.getInputStream()) {
            byte[] body = in.readNBytes(MAX_JSON_BYTES + 1);
            if (body.length > MAX_JSON_BYTES) {
                throw tooLong();
            }
            return object(MAPPER.readValue(body, Object.class), "the body");
        } catch (JsonProcessingException | NumberFormatException e) {
            throw notJson("the body", e);
        }
    }

    static Map<String, @Nullable Object> readObject(String json, String what) {
        try {
            return object(MAPPER.readValue(json, Object.class), what);
        } catch (JsonProcessingException | NumberFormatException e) {
            throw notJson(what, e);
        }
    }

    /** Refuses members that mean nothing here: silence about a misspelt one could lose or destroy data. */
    static void allowOnly(Map<String, ?> object, Set<String> known) {
        for (String name : object.keySet()) {
            if (!known.contains(name)) {
                throw Problem.field(
                        "/" + pointer(name),
                        "is not a known field; known are "
                                + known.stream().sorted().toList());
            }
        }
    }

    /** A name as a part of a JSON pointer (RFC 6901). */
    static String pointer(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    static @Nullable String text(Map<String, @Nullable Object> object, String name) {
        Object value = object.get(name);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw Problem.field("/" + name, "must be text");
    }

    static @Nullable Long wholeNumber(Map<String, @Nullable Object> object, String name) {
        Object value = object.get(name);
        if (value == null) {
            return null;
        }
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        throw Problem.field("/" + name, "must be a whole number");
    }

    @SuppressWarnings("unchecked")
    static @Nullable Map<String, @Nullable Object> object(Map<String, @Nullable Object> object, String name) {
        Object value = object.get(name);
        if (value == null || value instanceof Map) {
            return (Map<String, @Nullable Object>) value;
        }
        throw Problem.field("/" + name, "must be an object");
    }

    static boolean flag(Map<String, @Nullable Object> object, String name) {
        if (object.containsKey(name) && !(object.get(name) instanceof Boolean)) {
            throw Problem.field("/" + name, "must be true or false");
        }
        return Boolean.TRUE.equals(object.get(name));
    }

    /**
     * @param storageUrl whether to tell where the bytes are, which only administrators learn
     */
    static Map<String, @Nullable Object> document(DocumentData document, boolean storageUrl) {
        Content content = document.content();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", document.id());
        json.put("user_id", document.userId());
        json.put("name", document.name());
        json.put("status", document.status().wire());
        json.put("status_reason", document.statusReason());
        json.put("mime_type", document.mimeType());
        json.put("declared_type", document.declaredType());
        json.put("detected_type", content == null ? null : content.detectedType());
        json.put("size_bytes", content == null ? null : content.sizeBytes());
        json.put("sha256", content == null ? null : content.sha256());
        json.put("verdict", content == null ? null : content.verdict());
        json.put("version", document.version());
        json.put("revision", document.revision());
        json.put("metadata", document.metadata().values());
        json.put("created_at", time(document.createdAt()));
        json.put("updated_at", time(document.updatedAt()));
        json.put("content_url", "/v1/documents/" + document.id() + "/content");
        if (storageUrl) {
            json.put("storage_url", content == null ? null : content.url().toString());
        }
        return json;
    }

    static Map<String, @Nullable Object> version(DocumentVersion version) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("version", version.number());
        json.put("mime_type", version.content().mimeType());
        json.put("declared_type", version.declaredType());
        json.put("detected_type", version.content().detectedType());
        json.put("size_bytes", version.content().sizeBytes());
        json.put("sha256", version.content().sha256());
        json.put("verdict", version.content().verdict());
        json.put("created_at", time(version.createdAt()));
        json.put("content_url", "/v1/documents/" + version.documentId() + "/content?version=" + version.number());
        return json;
    }

    static Map<String, @Nullable Object> token(ApiToken token) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", token.id());
        json.put("user_id", token.userId());
        json.put("administrator", token.administrator());
        json.put("prefix", token.prefix());
        json.put("created_at", time(token.createdAt()));
        json.put("expires_at", token.expiresAt() == null ? null : time(token.expiresAt()));
        json.put("last_used_at", token.lastUsedAt() == null ? null : time(token.lastUsedAt()));
        return json;
    }

    static Map<String, @Nullable Object> usage(UserUsage usage) {
        Usage counted = usage.usage();
        Map<String, @Nullable Object> bytes = new LinkedHashMap<>();
        bytes.put("used", counted.usedBytes());
        bytes.put("reserved", counted.reservedBytes());
        bytes.put("limit", limit(usage, Limit.BYTES));
        bytes.put("older_versions", counted.olderVersionBytes());
        Map<String, @Nullable Object> documents = new LinkedHashMap<>();
        for (DocumentStatus status : DocumentStatus.values()) {
            bytes.put(status.wire(), counted.bytes().get(status));
            documents.put(status.wire(), counted.documents().get(status));
        }
        documents.put("total", counted.documentCount());
        documents.put("limit", limit(usage, Limit.DOCUMENTS));
        Map<String, @Nullable Object> uploads = new LinkedHashMap<>();
        uploads.put("open", counted.uploads());
        uploads.put("limit", limit(usage, Limit.UPLOADS));
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("user_id", usage.userId());
        json.put("bytes", bytes);
        json.put("documents", documents);
        json.put("uploads", uploads);
        Map<String, @Nullable Object> own = new LinkedHashMap<>();
        own.put("bytes", usage.own().bytes());
        own.put("documents", usage.own().documents());
        own.put("uploads", usage.own().uploads());
        json.put("own_limits", own);
        return json;
    }

    static Map<String, @Nullable Object> upkeep(Telemetry.Upkeep upkeep, @Nullable String down, int mostDamaged) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("status", down == null ? "up" : "down");
        json.put("reason", down);
        json.put("verified_share", upkeep.verifiedShare());
        List<Map<String, @Nullable Object>> chores = new ArrayList<>();
        for (Telemetry.Chore chore : upkeep.chores()) {
            Map<String, @Nullable Object> each = new LinkedHashMap<>();
            each.put("name", chore.name());
            each.put("last_success_at", chore.lastSuccess() == null ? null : time(chore.lastSuccess()));
            each.put("last_failure_at", chore.lastFailure() == null ? null : time(chore.lastFailure()));
            chores.add(each);
        }
        json.put("chores", chores);
        List<DocumentData> damaged = upkeep.damaged();
        json.put(
                "damaged",
                damaged.stream()
                        .limit(mostDamaged)
                        .map(document -> document(document, true))
                        .toList());
        json.put("damaged_more", damaged.size() > mostDamaged);
        return json;
    }

    private static @Nullable Long limit(UserUsage usage, Limit limit) {
        long value = usage.limits().of(limit);
        return value == Quota.NO_LIMIT ? null : value;
    }

    static Map<String, @Nullable Object> problem(Problem problem, String requestId) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("type", "/problems/" + problem.type());
        json.put("title", problem.title());
        json.put("status", problem.status());
        json.put("detail", problem.detail());
        json.put("instance", "urn:request:" + requestId);
        List<Problem.Fault> errors = problem.errors();
        if (!errors.isEmpty()) {
            json.put("errors", errors);
        }
        return json;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> object(@Nullable Object value, String what) {
        if (value instanceof Map) {
            return (Map<String, @Nullable Object>) value;
        }
        throw Problem.malformed(what + " must be a JSON object").raise();
    }

    private static Problem.Raised notJson(String what, Exception e) {
        if (e instanceof NumberFormatException) {
            // JSON, but no number that Java could hold: Jackson lets BigDecimal say so
            return new Problem.Raised(Problem.malformed(what + " has a number with too large an exponent"), e);
        }
        if (e instanceof StreamConstraintsException) {
            String limits = " goes beyond " + MAX_DEPTH + " levels, or has a number of more than 1000 characters";
            return new Problem.Raised(Problem.malformed(what + limits), e);
        }
        JsonLocation at = e instanceof JsonProcessingException json ? json.getLocation() : null;
        String where = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
        return new Problem.Raised(Problem.malformed(what + " is not valid JSON" + where), e);
    }

    private static Problem.Raised tooLong() {
        return Problem.of(
                        413, "too-large", "Body too large", "a JSON body may have at most " + MAX_JSON_BYTES + " bytes")
                .raise();
    }
}
