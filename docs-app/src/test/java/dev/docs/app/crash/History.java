package dev.docs.app.crash;

import dev.docs.app.crash.State.Blob;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * All that the requests so far allow one document to be. Every change of one document names the revision it is based on, so
 * that each request, if it succeeds, makes a revision whose number and looks are known beforehand. A bulk request names
 * none: it may make the next one of any.
 */
final class History {
    /** What is known for certain of one revision. */
    record Known(long revision, State state) {}

    /**
     * What was known when a question was sent; its answer can't be older than that.
     *
     * @param updates how many bulk updates there had been
     * @param bulk what the last of them made certain; null if one may be under way
     */
    record Asked(
            long revision,
            boolean gone,
            int updates,
            @Nullable Long bulk) {
        Asked(long revision, boolean gone) {
            this(revision, gone, -1, null);
        }
    }

    /** A base that stands for any. */
    private static final long ANY = Long.MAX_VALUE;

    private final UUID id;
    private final boolean mayVanish;
    private final Map<Long, List<State>> possible = new HashMap<>();
    private final Map<Long, State> certain = new HashMap<>();
    private final Set<Long> acknowledged = new HashSet<>();
    private final Map<Integer, Set<Blob>> sent = new HashMap<>();
    private final Map<Integer, Blob> versions = new HashMap<>();
    private final List<Long> purges = new ArrayList<>();
    private final long first;

    /** What bulk requests may make of a revision. */
    private final Set<BulkAction> bulks = new HashSet<>();

    /** The one bulk request that may update this document. */
    private @Nullable Many updater;

    private int updates;
    private @Nullable Long bulk;

    /** The one bulk request that may purge this document: then nothing else may. */
    private @Nullable Many purger;

    /** Versions that are gone for good. */
    private final Set<Integer> dropped = new HashSet<>();

    private final List<Integer> drops = new ArrayList<>();
    private Known latest;

    /** The revision that was purged; 0 as long as the document is there. */
    private long purgedRevision;

    private boolean purgeIsDurable;

    /** The latest revision that no kill may take: acknowledged, or found after one. */
    private long durable;

    /**
     * @param first the first revision known of
     * @param mayVanish whether the sweep removes it if its first upload has died, since a key is to be free again
     */
    History(UUID id, Known first, boolean mayVanish) {
        this.id = id;
        this.mayVanish = mayVanish;
        this.first = first.revision();
        latest = first;
        durable = first.revision();
        know(first);
    }

    UUID id() {
        return id;
    }

    synchronized Known latest() {
        return latest;
    }

    synchronized boolean isGone() {
        return purgedRevision > 0;
    }

    synchronized Asked ask() {
        return new Asked(Math.max(latest.revision(), durable), isGone(), updates, updater == null ? bulk : null);
    }

    /** A request is about to be sent that would make this revision. */
    synchronized void intend(long revision, State next) {
        possible.computeIfAbsent(revision, r -> new ArrayList<>()).add(next);
        if (next.content() != null) {
            sent.computeIfAbsent(next.version(), v -> new HashSet<>()).add(next.content());
        }
    }

    /** That request was refused: it must not have had an effect. */
    synchronized void refused(long revision, State next) {
        possible.getOrDefault(revision, new ArrayList<>()).remove(next);
    }

    /** That request was acknowledged: its effect is there from now on. */
    synchronized void acknowledge(long revision, State next) {
        if (!acknowledged.add(revision)) {
            throw violation("two requests made revision " + revision + ", one of them " + next);
        }
        if (isGone() && revision > purgedRevision) {
            throw violation(
                    "revision " + revision + " was acknowledged although " + purgedRevision + " was purged: " + next);
        }
        observe(new Known(revision, next), new Asked(0, false));
        durable = Math.max(durable, revision);
    }

    /** Returns false if it must not be sent. */
    synchronized boolean intendPurge(long base) {
        if (purger == null) {
            purges.add(base);
        }
        return purger == null;
    }

    synchronized void purgeRefused(long base) {
        purges.remove(base);
    }

    synchronized void purged(long base) {
        if (latest.revision() > base) {
            throw violation("the purge of revision " + base + " was acknowledged, but there is " + latest);
        }
        purgedRevision = base;
        purgeIsDurable = true;
    }

    // Bulk requests

    /** A bulk request is about to be sent, perhaps again; returns false if this document must be left out. */
    synchronized boolean intend(Many request, BulkAction action) {
        if (action.isPurge()) {
            if (purger != request && (purger != null || !purges.isEmpty())) {
                return false;
            }
            purger = request;
            purges.add(ANY);
        } else if (action.isUpdate()) {
            if (updater != request) {
                if (updater != null) {
                    return false;
                }
                updater = request;
                updates++;
            }
            if (certain.values().stream().noneMatch(state -> state.bulk() == action.mark())) {
                bulks.add(action);
            }
        } else {
            bulks.add(action);
        }
        return true;
    }

    /**
     * A bulk request says that it has changed this document.
     *
     * @param asked what was known when it was sent first
     */
    synchronized void done(BulkAction action, Asked asked) {
        if (action.isPurge()) {
            purgedRevision = ANY;
            purgeIsDurable = true;
            return;
        }
        // what was seen then may have been lost in a kill, and not what was acknowledged
        durable = Math.max(durable, Math.min(asked.revision(), latest.revision()) + 1);
        if (action.isUpdate()) {
            updater = null;
            bulk = action.mark();
        }
    }

    /** A bulk request says that it did not find this document. */
    synchronized void notFound(BulkAction action, Asked now) {
        if (action.isPurge() && !isAtItsFirstUpload()) {
            throw violation("nobody but " + action + " may purge it, and that did not find it");
        }
        observeAbsence(now);
    }

    private boolean isAtItsFirstUpload() {
        return mayVanish && latest.state().status().equals(State.PENDING);
    }

    /** The number of a version before this one that is known and was not dropped; 0 if there is none. */
    synchronized int older(Random random, int before) {
        List<Integer> older = versions.keySet().stream()
                .filter(number -> number < before && !dropped.contains(number))
                .toList();
        return older.isEmpty() ? 0 : older.get(random.nextInt(older.size()));
    }

    synchronized Blob version(int number) {
        return Objects.requireNonNull(versions.get(number), "a version that is known");
    }

    synchronized void intendDrop(int version) {
        drops.add(version);
    }

    synchronized void dropRefused(int version) {
        drops.remove((Integer) version);
    }

    synchronized void dropped(int version) {
        dropped.add(version);
    }

    /** Whether versions may have gone, which the revision does not tell. */
    synchronized boolean mayHaveDropped() {
        return !drops.isEmpty();
    }

    /** A version was not there. */
    synchronized void observeDrop(int version) {
        if (!dropped.contains(version) && !drops.contains(version)) {
            throw violation("version " + version + " is missing, and nobody dropped it");
        }
        dropped.add(version);
    }

    /** The document looked like this. */
    synchronized void observe(Known seen, Asked asked) {
        if (asked.gone()) {
            throw violation("it was purged, and now is again " + seen);
        }
        if (seen.revision() < asked.revision()) {
            String how = acknowledged.contains(asked.revision()) ? " was acknowledged" : " was there";
            throw violation("revision " + asked.revision() + how + ", now it is " + seen);
        }
        if (!at(seen.revision()).contains(seen.state())) {
            throw violation("it is " + seen + ", which is none of " + at(seen.revision()));
        }
        if (asked.bulk() != null
                && asked.updates() == updates
                && asked.bulk() != seen.state().bulk()) {
            throw violation("it was updated to " + asked.bulk() + ", and now is " + seen);
        }
        know(seen);
    }

    /** The document was not found. */
    synchronized void observeAbsence(Asked asked) {
        if (isGone()) {
            return;
        }
        if (isAtItsFirstUpload()) {
            purgedRevision = latest.revision();
            return;
        }
        purgedRevision = purges.stream()
                .filter(base -> base >= asked.revision())
                .max(Long::compare)
                .orElseThrow(() -> violation("it is lost: the last known is " + latest + ", and nobody purged it"));
    }

    /**
     * Every server died, and one is back. What was acknowledged must be there. What was merely read need not: H2 shows a
     * commit to others before it has written it, and the acknowledgement waits for that.
     *
     * @param seen null if the document was not found
     */
    synchronized void recover(@Nullable Known seen) {
        if (seen == null) {
            if (!purgeIsDurable) {
                purgedRevision = 0;
                observeAbsence(new Asked(durable, false));
            }
            return;
        }
        observe(seen, new Asked(durable, purgeIsDurable, updates, updater == null ? bulk : null));
        purgedRevision = 0;
        latest = seen;
        certain.keySet().removeIf(revision -> revision > seen.revision());
        versions.keySet().removeIf(version -> version > seen.state().version());
    }

    /** A version looked like this. */
    synchronized void observeVersion(int number, Blob content) {
        Blob known = versions.get(number);
        if (dropped.contains(number)) {
            throw violation("version " + number + " was dropped, and now is again " + content);
        }
        if (known == null ? !sent.getOrDefault(number, Set.of()).contains(content) : !known.equals(content)) {
            throw violation("version " + number + " is " + content + ", not " + (known == null ? sent : known));
        }
        versions.put(number, content);
    }

    /** Whether some request sent these bytes for this document. */
    synchronized boolean knows(Blob content) {
        return versions.containsValue(content) || sent.values().stream().anyMatch(blobs -> blobs.contains(content));
    }

    /** No request is under way any more: what has not happened until now never will. */
    synchronized void settle() {
        durable = latest.revision();
        purgeIsDurable = isGone();
        possible.clear();
        purges.clear();
        drops.clear();
        sent.clear();
        bulks.clear();
        // those with a key are sent again
        if (updater != null && !updater.isKeyed()) {
            updater = null;
            bulk = latest.state().bulk();
        }
        if (purger != null && !purger.isKeyed()) {
            purger = null;
        }
    }

    /** All that this revision may be. */
    private Set<State> at(long revision) {
        State known = certain.get(revision);
        if (known != null) {
            return Set.of(known);
        }
        if (revision <= first) {
            return Set.of();
        }
        Set<State> states = new HashSet<>(possible.getOrDefault(revision, List.of()));
        for (State before : at(revision - 1)) {
            if (before.status().equals(State.PENDING)) {
                // the sweep ends what is pending whenever its time has passed
                states.add(before.in(State.ERROR));
            }
            bulks.forEach(action -> action.next(before).ifPresent(states::add));
        }
        return states;
    }

    private void know(Known seen) {
        certain.put(seen.revision(), seen.state());
        // each document once
        bulks.removeIf(
                action -> action.isUpdate() && action.mark() == seen.state().bulk());
        Blob content = seen.state().content();
        if (content != null) {
            Blob known = versions.putIfAbsent(seen.state().version(), content);
            if (known != null && !known.equals(content)) {
                throw violation("version " + seen.state().version() + " was " + known + " and is " + content);
            }
        }
        if (seen.revision() > latest.revision()) {
            latest = seen;
        }
    }

    private Violation violation(String what) {
        return new Violation("document " + id + ": " + what);
    }
}
