package dev.docs.adapter.jdbi;

import dev.docs.domain.DocumentQuotaException;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Quota;
import dev.docs.domain.Quota.Limit;
import dev.docs.domain.Usage;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What each owner uses, in one row, or in several of which a step changes one. All writers of an owner meet there, so a
 * transaction comes to it last.
 *
 * <p>Each of these shards has a slice of every limit and admits by itself what fits into that. The slices of an owner add up
 * to the limit that they were dealt from, so the shards together can't exceed it. What one shard can't decide (its slice is
 * used up, or was dealt from another limit) is decided by the sum, with all shards locked, and new slices are dealt: so a
 * refusal is as exact as an admission. Of a limit that is exceeded, there are no slices.
 */
final class UsageCounters {
    private static final List<DocumentStatus> STATUSES =
            List.of(DocumentStatus.PENDING, DocumentStatus.ACTIVE, DocumentStatus.ARCHIVED, DocumentStatus.ERROR);
    private static final List<String> DOCS =
            STATUSES.stream().map(status -> status.wire() + "_docs").toList();
    private static final List<String> BYTES =
            STATUSES.stream().map(status -> status.wire() + "_bytes").toList();
    private static final List<String> COLUMNS = new ArrayList<>();

    static {
        COLUMNS.addAll(DOCS);
        COLUMNS.addAll(BYTES);
        COLUMNS.addAll(List.of("older_bytes", "reserved_bytes", "open_uploads"));
    }

    private static final Map<Limit, String> USED = Map.of(
            Limit.BYTES, "(" + String.join(" + ", BYTES) + " + older_bytes + reserved_bytes)",
            Limit.DOCUMENTS, "(" + String.join(" + ", DOCS) + ")",
            Limit.UPLOADS, "open_uploads");

    private static final String ADD = COLUMNS.stream()
            .map(column -> column + " = " + column + " + :" + column)
            .collect(
                    Collectors.joining(", ", "UPDATE owner_usage SET ", " WHERE owner_id = :owner AND shard = :shard"));

    /** Documents keep to one shard, but not if there were fewer shards when they came. */
    private static final String HAS_IT = COLUMNS.stream()
            .map(column -> " AND " + column + " >= :least_" + column)
            .collect(Collectors.joining());

    private static final String SET = COLUMNS.stream()
            .map(column -> column + " = :" + column)
            .collect(Collectors.joining(
                    ", ",
                    "UPDATE owner_usage SET ",
                    ", limit_bytes = :limit_bytes, limit_documents = :limit_documents, limit_uploads = :limit_uploads,"
                            + " slice_bytes = :slice_bytes, slice_documents = :slice_documents,"
                            + " slice_uploads = :slice_uploads WHERE owner_id = :owner AND shard = :shard"));

    private final int shards;

    UsageCounters(int shards) {
        if (shards < 1 || shards > Database.MAX_USAGE_SHARDS) {
            throw new IllegalArgumentException(
                    "usage is counted in 1 to " + Database.MAX_USAGE_SHARDS + " shards, not in " + shards);
        }
        this.shards = shards;
    }

    /** Changes what an owner uses, whatever the limits are. Nothing happens for an owner who is not there any more. */
    void count(Handle handle, String owner, UUID document, Usage change) {
        if (change.equals(Usage.NONE)) {
            return;
        }
        boolean grows = false;
        for (Limit limit : Limit.values()) {
            grows |= limit.used(change) > 0;
        }
        // what nobody admitted may be more than a slice has: then the others' slices are too large as well
        if (grows || add(handle, owner, document, change, "").execute() == 0) {
            settle(handle, owner, document, change, null);
        }
    }

    /**
     * Changes what an owner uses if the limits have the room.
     *
     * @throws DocumentQuotaException if not
     */
    void admit(Handle handle, String owner, UUID document, Usage change, Quota defaults) {
        StringBuilder fits = new StringBuilder();
        for (Limit limit : Limit.values()) {
            if (limit == Limit.BYTES || limit.used(change) > 0) {
                String name = limit.wire();
                fits.append(" AND limit_" + name + " = COALESCE((SELECT quota_" + name
                        + " FROM users WHERE id = :owner), :default_" + name + ") AND slice_" + name + " - "
                        + USED.get(limit) + " >= :more_" + name);
            }
        }
        Update add = add(handle, owner, document, change, fits.toString());
        for (Limit limit : Limit.values()) {
            add.bind("default_" + limit.wire(), defaults.of(limit)).bind("more_" + limit.wire(), limit.used(change));
        }
        if (add.execute() == 0) {
            settle(handle, owner, document, change, defaults);
        }
    }

    /** Sets the counters to what rows say; whoever changes rows comes here last, so what is counted now is in them. */
    void correct(Handle handle, String owner) {
        if (lock(handle, owner).isEmpty()) {
            return;
        }
        Statements statements = Attached.statements(handle);
        Usage change = statements.recount(owner).minus(statements.usage(owner));
        if (!change.equals(Usage.NONE)) {
            settle(handle, owner, new UUID(0, 0), change, null);
        }
    }

    private int shard(UUID document) {
        return Math.floorMod(document.hashCode(), shards);
    }

    private Update add(Handle handle, String owner, UUID document, Usage change, String condition) {
        Update add = handle.createUpdate(ADD + HAS_IT + condition)
                .bind("owner", owner)
                .bind("shard", shard(document));
        long[] more = counters(change);
        for (int i = 0; i < more.length; i++) {
            add.bind(COLUMNS.get(i), more[i]).bind("least_" + COLUMNS.get(i), Math.max(0, -more[i]));
        }
        return add;
    }

    /** Makes a change with all shards locked, and deals new slices; without limits there are none until the next is admitted. */
    private void settle(Handle handle, String owner, UUID document, Usage change, @Nullable Quota defaults) {
        List<long[]> counters = lock(handle, owner);
        if (counters.isEmpty()) {
            if (defaults != null) {
                throw new DocumentQuotaException(Limit.BYTES, 0, 0, Limit.BYTES.used(change));
            }
            return;
        }
        Usage used = counters.stream().map(UsageCounters::usage).reduce(Usage.NONE, Usage::plus);
        Quota limits = null;
        if (defaults != null) {
            limits = defaults.with(Attached.statements(handle).quota(owner).orElse(Quota.Own.NONE));
            limits.admit(used, change);
        }
        while (counters.size() < shards) {
            Attached.statements(handle).insertUsage(owner, counters.size());
            counters.add(new long[COLUMNS.size()]);
        }
        add(counters, shard(document), counters(change));
        deal(handle, owner, counters, shard(document), used.plus(change), limits);
    }

    /** Adds to one shard; what that lacks is taken from others. */
    private static void add(List<long[]> counters, int shard, long[] more) {
        long[] mine = counters.get(shard);
        for (int i = 0; i < mine.length; i++) {
            mine[i] += more[i];
            for (long[] others : counters) {
                if (others != mine && mine[i] < 0) {
                    long taken = Math.min(others[i], -mine[i]);
                    others[i] -= taken;
                    mine[i] += taken;
                }
            }
        }
    }

    private static void deal(
            Handle handle, String owner, List<long[]> counters, int shard, Usage used, @Nullable Quota limits) {
        PreparedBatch batch = handle.prepareBatch(SET);
        for (int each = 0; each < counters.size(); each++) {
            long[] values = counters.get(each);
            batch.bind("owner", owner).bind("shard", each);
            for (int i = 0; i < values.length; i++) {
                batch.bind(COLUMNS.get(i), values[i]);
            }
            for (Limit limit : Limit.values()) {
                Long slice = null;
                if (limits != null && limits.of(limit) >= limit.used(used)) {
                    long free = limits.of(limit) - limit.used(used);
                    long share = free / counters.size() + (each == shard ? free % counters.size() : 0);
                    slice = limit.used(usage(values)) + share;
                }
                batch.bind("limit_" + limit.wire(), limits == null ? null : (Long) limits.of(limit))
                        .bind("slice_" + limit.wire(), slice);
            }
            batch.add();
        }
        batch.execute();
    }

    /**
     * Locks all shards of an owner, and returns their counters by their number; none if there is no such owner. The first
     * one comes before all others, in a statement of its own: who adds shards has it, so that these are all there are.
     */
    private static List<long[]> lock(Handle handle, String owner) {
        if (Attached.statements(handle).lockUsage(owner).isEmpty()) {
            return List.of();
        }
        return new ArrayList<>(Attached.statements(handle).lockAllUsage(owner).stream()
                .map(UsageCounters::counters)
                .toList());
    }

    private static long[] counters(Usage usage) {
        long[] counters = new long[COLUMNS.size()];
        for (int i = 0; i < STATUSES.size(); i++) {
            counters[i] = usage.documents().getOrDefault(STATUSES.get(i), 0L);
            counters[i + STATUSES.size()] = usage.bytes().getOrDefault(STATUSES.get(i), 0L);
        }
        int next = 2 * STATUSES.size();
        counters[next] = usage.olderVersionBytes();
        counters[next + 1] = usage.reservedBytes();
        counters[next + 2] = usage.uploads();
        return counters;
    }

    private static Usage usage(long[] counters) {
        Map<DocumentStatus, Long> documents = new EnumMap<>(DocumentStatus.class);
        Map<DocumentStatus, Long> bytes = new EnumMap<>(DocumentStatus.class);
        for (int i = 0; i < STATUSES.size(); i++) {
            documents.put(STATUSES.get(i), counters[i]);
            bytes.put(STATUSES.get(i), counters[i + STATUSES.size()]);
        }
        int next = 2 * STATUSES.size();
        return new Usage(documents, bytes, counters[next], counters[next + 1], counters[next + 2]);
    }
}
