package dev.docs.adapter.jdbi;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentNames;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.DocumentQuery.MetadataCondition;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Metadata;
import dev.docs.domain.Page;
import dev.docs.domain.Position;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.UUID;

/**
 * The SQL of a list of documents: for each status one walk along the index of the sort, from a position and no further
 * than a page. The order names every column of the index, since H2 sorts everything that
 * matches otherwise.
 */
final class ListQuery {
    /** Names the condition on the owner, which the databases want in different words. */
    static final String IS_OWNER = "is_owner";

    /** Up to so many documents are better looked at one by one than waited for along the index of a sort. */
    private static final int FEW = 1000;

    private static final String FEW_IDS = "few";

    private final DocumentQuery query;
    private final Map<String, Object> values = new HashMap<>();
    private final List<String> conditions = new ArrayList<>();
    private final List<String> pairs = new ArrayList<>();
    private List<UUID> few = List.of();

    ListQuery(DocumentQuery query) {
        this.query = query;
        values.put("owner", query.userId());
        names();
        equalities();
        ranges();
        for (MetadataCondition condition : query.metadata()) {
            metadata(condition, values.size());
        }
    }

    Page<DocumentData> page(Handle handle, @Nullable Position after, int max) {
        if (isNarrowedToNothing(handle)) {
            return new Page<>(List.of(), null);
        }
        if (after != null) {
            behind(after);
        }
        values.put("limit", max + 1);
        List<DocumentData> found = query.statuses().size() == 1
                ? walk(
                        handle,
                        Rows.DOCUMENT_COLUMNS,
                        query.statuses().iterator().next(),
                        DocumentData.class)
                // one moment for all walks, or a document that changes its status between two would be in both
                : handle.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, this::merged);
        if (found.size() <= max) {
            return new Page<>(found, null);
        }
        DocumentData last = found.get(max - 1);
        return new Page<>(found.subList(0, max), new Position(query.sort().key(last), last.id()));
    }

    long count(Handle handle, long max) {
        if (isNarrowedToNothing(handle)) {
            return 0;
        }
        values.put("limit", max);
        long count = 0;
        for (DocumentStatus status : query.statuses()) {
            String sql = "SELECT COUNT(*) FROM (" + matching(status) + " LIMIT :limit) counted";
            count += bound(handle.createQuery(escaped(sql))).mapTo(Long.class).one();
        }
        return Math.min(max, count);
    }

    /**
     * Every document that matches, in no order. Where a pair is asked for, from the pair to its documents, one by one by their id:
     * left to itself, PostgreSQL holds each document of the owner against each that has the pair when its statistics are of a time
     * before either were many. That is what OFFSET 0 keeps it from.
     */
    private String matching(DocumentStatus status) {
        if (pairs.isEmpty() || !few.isEmpty()) {
            return select("id", status);
        }
        return "SELECT m.document_id FROM document_metadata m WHERE " + pairs.get(0) + " AND EXISTS ("
                + select("id", status) + " AND id = m.document_id OFFSET 0)";
    }

    /**
     * Where few documents have some pair that is asked for, no others need to be looked at: a walk along a sort might come
     * by all others first. The databases can't be left to find that out: H2 does not weigh it, and PostgreSQL knows how
     * common a pair is among all owners, not with this one.
     */
    private boolean isNarrowedToNothing(Handle handle) {
        for (String pair : pairs) {
            List<UUID> having = bound(handle.createQuery(
                            "SELECT m.document_id FROM document_metadata m WHERE " + pair + " LIMIT " + (FEW + 1)))
                    .mapTo(UUID.class)
                    .list();
            if (having.isEmpty()) {
                return true;
            }
            if (having.size() <= FEW && (few.isEmpty() || having.size() < few.size())) {
                few = having.stream().distinct().toList();
            }
        }
        return false;
    }

    private <T> List<T> walk(Handle handle, String columns, DocumentStatus status, Class<T> type) {
        String[] first = few.isEmpty() ? new String[] {"owner_id", "status"} : new String[0];
        String sql = select(columns, status) + orderBy(first) + " LIMIT :limit";
        return bound(handle.createQuery(escaped(sql))).mapTo(type).list();
    }

    /** The first of all walks: a UNION of them would be one statement less, but inside one H2 leaves the index of the sort. */
    private List<DocumentData> merged(Handle handle) {
        List<UUID> ids = new ArrayList<>();
        for (DocumentStatus status : query.statuses()) {
            ids.addAll(walk(handle, "id", status, UUID.class));
        }
        if (ids.isEmpty()) {
            return List.of();
        }
        String sql =
                "SELECT " + Rows.DOCUMENT_COLUMNS + " FROM documents WHERE id IN (<ids>)" + orderBy() + " LIMIT :limit";
        return bound(handle.createQuery(sql))
                .bindList("ids", ids)
                .mapTo(DocumentData.class)
                .list();
    }

    private String select(String columns, DocumentStatus status) {
        // the pairs say whose few documents are, and H2 would rather look at all of an owner's than at any by its id
        String whose = few.isEmpty() ? "<" + IS_OWNER + ">" : "id IN (<" + FEW_IDS + ">)";
        // a literal of ours, so that each status has a plan of its own
        return "SELECT " + columns + " FROM documents d WHERE " + whose + " AND status = '" + status.wire() + "'"
                + String.join("", conditions);
    }

    private String orderBy(String... first) {
        String direction = query.descending() ? " DESC" : " ASC";
        StringJoiner order = new StringJoiner(", ", " ORDER BY ", "");
        for (String column : first) {
            order.add(column + direction);
        }
        if (query.sort() != Sort.CREATED) {
            order.add(column(query.sort()) + direction);
        }
        return order.add("id" + direction).toString();
    }

    private static String column(Sort sort) {
        return switch (sort) {
            case CREATED -> "id";
            case UPDATED -> "updated_at";
            case NAME -> "name_key";
            case SIZE -> "size_bytes";
        };
    }

    /** Written out, for an index walk that begins at the key; a comparison of rows hides it from H2. */
    private void behind(Position after) {
        String than = query.descending() ? "<" : ">";
        values.put("afterId", after.id());
        if (query.sort() == Sort.CREATED) {
            conditions.add(" AND id " + than + " :afterId");
            return;
        }
        String column = column(query.sort());
        values.put(
                "afterKey",
                switch (query.sort()) {
                    case UPDATED -> Instant.ofEpochMilli(Long.parseLong(after.key()));
                    case SIZE -> Long.parseLong(after.key());
                    case NAME, CREATED -> after.key();
                });
        conditions.add(" AND " + column + " " + than + "= :afterKey AND (" + column + " " + than + " :afterKey OR id "
                + than + " :afterId)");
    }

    private void names() {
        if (query.nameContains() != null) {
            condition("name_key LIKE :contains ESCAPE '!'", "contains", "%" + like(query.nameContains()) + "%");
        }
        if (query.namePrefix() != null) {
            condition("name_key LIKE :prefix ESCAPE '!'", "prefix", like(query.namePrefix()) + "%");
        }
    }

    private static String like(String name) {
        return DocumentNames.key(name).replace("!", "!!").replace("%", "!%").replace("_", "!_");
    }

    private void equalities() {
        String type = query.mimeType();
        if (type != null && type.endsWith("/*")) {
            String family = type.substring(0, type.length() - 1);
            condition("mime_type >= :family", "family", family);
            condition("mime_type < :familyEnd", "familyEnd", family.substring(0, family.length() - 1) + "0");
        } else if (type != null) {
            condition("mime_type = :mimeType", "mimeType", type);
        }
        if (query.sha256() != null) {
            condition("sha256 = :sha256", "sha256", query.sha256());
        }
    }

    private void ranges() {
        if (query.createdAfter() != null) {
            condition(
                    "id >= :createdAfter",
                    "createdAfter",
                    firstId(query.createdAfter().toEpochMilli() + 1));
        }
        if (query.createdBefore() != null) {
            condition("id < :createdBefore", "createdBefore", firstId(ceilingMillis(query.createdBefore())));
        }
        if (query.updatedAfter() != null) {
            condition("updated_at > :updatedAfter", "updatedAfter", query.updatedAfter());
        }
        if (query.updatedBefore() != null) {
            condition("updated_at < :updatedBefore", "updatedBefore", query.updatedBefore());
        }
        if (query.minSize() != null) {
            condition("size_bytes >= :minSize", "minSize", query.minSize());
        }
        if (query.maxSize() != null) {
            condition("size_bytes <= :maxSize", "maxSize", query.maxSize());
        }
    }

    private void metadata(MetadataCondition condition, int number) {
        String value = condition.value();
        Metadata.Pair pair = new Metadata.Pair(condition.path(), value == null ? "" : value);
        values.put("key" + number, pair.path());
        String sql = "m.owner_id = :owner AND m.meta_key = :key" + number;
        if (value != null) {
            values.put("value" + number, pair.value());
            sql += " AND m.meta_value = :value" + number;
        }
        pairs.add(sql);
        conditions.add(" AND EXISTS (SELECT 1 FROM document_metadata m WHERE " + sql + " AND m.document_id = d.id)");
    }

    private void condition(String sql, String name, Object value) {
        conditions.add(" AND " + sql);
        values.put(name, value);
    }

    /** The smallest UUIDv7 of a millisecond. */
    private static UUID firstId(long millis) {
        return new UUID(millis << 16 | 0x7000, 0x8000_0000_0000_0000L);
    }

    private static long ceilingMillis(Instant instant) {
        return instant.minusNanos(1).toEpochMilli() + 1;
    }

    private Query bound(Query sql) {
        return few.isEmpty() ? sql.bindMap(values) : sql.bindMap(values).bindList(FEW_IDS, few);
    }

    /** Jdbi takes {@code <word>} for a template: only two are. */
    private static String escaped(String sql) {
        return sql.replaceAll("<(?!(" + IS_OWNER + "|" + FEW_IDS + ")>)", "\\\\<");
    }
}
