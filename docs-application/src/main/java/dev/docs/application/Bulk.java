package dev.docs.application;

import static java.util.stream.Collectors.toMap;

import dev.docs.domain.BulkItem;
import dev.docs.domain.BulkStep;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentConflictException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentRepository;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Carries out bulk requests: batch by batch, each one step of the repository, each document by itself. What others change
 * while a batch is on its way is read and tried again; what they change all the time takes its turn among its writers.
 *
 * <p>Under a key each step notes what it did, so that a repetition goes on after the last one that was made.
 */
final class Bulk {
    /** Small enough that on H2, which has one writer at a time, others hardly notice. */
    private static final int BATCH = 500;

    private static final int TRIES = 3;
    private static final Logger log = LoggerFactory.getLogger(Bulk.class);

    private final DocumentRepository repository;
    private final Revisions revisions;
    private final Listeners listeners;
    private final Duration lease;

    Bulk(DocumentRepository repository, Revisions revisions, Listeners listeners, Duration lease) {
        this.repository = repository;
        this.revisions = revisions;
        this.listeners = listeners;
        this.lease = lease;
    }

    /** What is to become of a document. */
    @FunctionalInterface
    interface Rule {
        /**
         * @return the next revision, or the stored one if it is to go; empty if nothing would be different
         * @throws DocumentException if it is refused
         */
        Optional<DocumentData> next(DocumentData stored);
    }

    BulkReport run(Caller caller, BulkRequest request, Rule rule, BulkListener listener, @Nullable KeyedRequest keyed) {
        Run run = new Run(caller, request, rule, listener, keyed);
        if (keyed != null) {
            BulkStep.Progress before = repository.beginBulk(keyed.key(), keyed.fingerprint(), run.holder, lease);
            before.items().forEach(run::decided);
            if (before.finished()) {
                return run.report(true);
            }
        }
        try {
            run.all(selected(request));
            return run.report(false);
        } catch (RuntimeException | Error e) {
            run.leave(e);
            throw e;
        }
    }

    BulkPreview preview(BulkRequest request, Rule rule) {
        int count = 0;
        int unchanged = 0;
        long bytes = 0;
        List<DocumentData> sample = new ArrayList<>();
        List<BulkItem> refused = new ArrayList<>();
        List<UUID> ids = List.copyOf(selected(request));
        for (int from = 0; from < ids.size(); from += BATCH) {
            Decisions decisions = decide(ids.subList(from, Math.min(from + BATCH, ids.size())), rule);
            List<DocumentData> touched = decisions.touched();
            touched.stream().limit(BulkPreview.MOST_SAMPLED - sample.size()).forEach(sample::add);
            bytes += request.action() == BulkRequest.Action.PURGE
                    ? repository.versionBytes(
                            touched.stream().map(DocumentData::id).toList())
                    : touched.stream().mapToLong(DocumentData::sizeBytes).sum();
            count += touched.size();
            for (BulkItem item : decisions.items()) {
                if (item.refusal() != null) {
                    refused.add(item);
                } else if (item.result() == BulkItem.Result.UNCHANGED) {
                    unchanged++;
                }
            }
        }
        return new BulkPreview(count, unchanged, bytes, sample, refused);
    }

    /** Each once. A filter is asked before the first change, since changes move documents about in what it finds. */
    private Set<UUID> selected(BulkRequest request) {
        if (request.ids() != null) {
            return new LinkedHashSet<>(request.ids());
        }
        Set<UUID> ids = new LinkedHashSet<>();
        new Matches(repository, Objects.requireNonNull(request.filter()))
                .forEach(BulkRequest.MOST, document -> ids.add(document.id()));
        return ids;
    }

    /**
     * @param items of all documents, in their order
     * @param stored the documents that there are
     * @param next of those that change
     */
    private record Decisions(List<BulkItem> items, Map<UUID, DocumentData> stored, List<DocumentData> next) {
        /** Those that change, as they are stored. */
        List<DocumentData> touched() {
            return next.stream()
                    .map(each -> Objects.requireNonNull(stored.get(each.id())))
                    .toList();
        }
    }

    private Decisions decide(List<UUID> ids, Rule rule) {
        return decide(
                ids, repository.findAll(ids).stream().collect(toMap(DocumentData::id, document -> document)), rule);
    }

    private static Decisions decide(List<UUID> ids, Map<UUID, DocumentData> stored, Rule rule) {
        List<BulkItem> items = new ArrayList<>();
        List<DocumentData> changes = new ArrayList<>();
        for (UUID id : ids) {
            items.add(decide(id, stored.get(id), rule, changes));
        }
        return new Decisions(items, stored, changes);
    }

    private static BulkItem decide(UUID id, @Nullable DocumentData stored, Rule rule, List<DocumentData> changes) {
        if (stored == null) {
            return BulkItem.refused(id, new DocumentNotFoundException());
        }
        try {
            Optional<DocumentData> next = rule.next(stored);
            next.ifPresent(changes::add);
            return next.isPresent() ? BulkItem.done(id) : BulkItem.unchanged(id);
        } catch (DocumentException e) {
            return BulkItem.refused(id, e);
        }
    }

    /** One request under way. */
    private final class Run {
        private final Caller caller;
        private final BulkRequest request;
        private final Rule rule;
        private final BulkListener listener;
        private final @Nullable KeyedRequest keyed;
        private final UUID holder = UUID.randomUUID();
        private final Map<UUID, BulkItem> items = new LinkedHashMap<>();
        private int failed;

        Run(Caller caller, BulkRequest request, Rule rule, BulkListener listener, @Nullable KeyedRequest keyed) {
            this.caller = caller;
            this.request = request;
            this.rule = rule;
            this.listener = listener;
            this.keyed = keyed;
        }

        void all(Set<UUID> selected) {
            List<UUID> ids =
                    selected.stream().filter(id -> !items.containsKey(id)).toList();
            int total = items.size() + ids.size();
            int from = 0;
            do {
                int to = Math.min(from + BATCH, ids.size());
                batch(ids.subList(from, to), to == ids.size());
                tell(total);
                from = to;
            } while (from < ids.size());
        }

        private void batch(List<UUID> ids, boolean isLast) {
            List<UUID> open = attempt(ids, isLast);
            for (int tries = 1; tries < TRIES && !open.isEmpty(); tries++) {
                open = attempt(open, isLast);
            }
            for (int i = 0; i < open.size(); i++) {
                alone(open.get(i), isLast && i == open.size() - 1);
            }
        }

        /** Returns the documents that others have changed since they were read. */
        private List<UUID> attempt(List<UUID> ids, boolean isLast) {
            Decisions decisions = decide(ids, rule);
            Set<UUID> left = make(decisions, isLast);
            made(decisions, left);
            return ids.stream().filter(left::contains).toList();
        }

        private void alone(UUID id, boolean isLast) {
            Decisions decisions;
            try {
                decisions = revisions.change(id, current -> {}, current -> {
                    Decisions decided = decide(List.of(id), Map.of(id, current), rule);
                    if (!make(decided, isLast).isEmpty()) {
                        throw new DocumentConflictException(id);
                    }
                    return decided;
                });
            } catch (DocumentNotFoundException e) {
                decisions = new Decisions(List.of(BulkItem.refused(id, e)), Map.of(), List.of());
                make(decisions, isLast);
            }
            made(decisions, Set.of());
        }

        /** Only now that no turn is held any more. */
        private void made(Decisions decisions, Set<UUID> left) {
            decisions.items().stream().filter(item -> !left.contains(item.id())).forEach(this::decided);
            for (DocumentData next : decisions.next()) {
                if (!left.contains(next.id())) {
                    boolean gone = request.action() == BulkRequest.Action.PURGE;
                    listeners.tell(caller, decisions.stored().get(next.id()), gone ? null : next);
                }
            }
        }

        private Set<UUID> make(Decisions decisions, boolean isLast) {
            List<DocumentData> changes = decisions.next();
            if (changes.isEmpty() && keyed == null) {
                return Set.of();
            }
            BulkStep step = keyed == null ? null : new BulkStep(keyed.key(), holder, lease, decisions.items(), isLast);
            return request.action() == BulkRequest.Action.PURGE
                    ? repository.purgeAll(changes, step)
                    : repository.updateAll(changes, step);
        }

        void decided(BulkItem item) {
            items.put(item.id(), item);
            if (item.refusal() != null) {
                failed++;
            }
        }

        private void tell(int total) {
            try {
                listener.progressed(new BulkListener.Progress(items.size() - failed, failed, total));
            } catch (RuntimeException e) {
                log.warn("a listener failed, and the bulk request goes on", e);
            }
        }

        /** So that a repetition need not wait for the lease. */
        void leave(Throwable failure) {
            try {
                if (keyed != null) {
                    repository.leaveBulk(keyed.key(), holder);
                }
            } catch (DocumentException e) {
                failure.addSuppressed(e);
            }
        }

        BulkReport report(boolean replayed) {
            List<BulkItem> all = request.ids() == null
                    ? List.copyOf(items.values())
                    : request.ids().stream()
                            .map(id -> Objects.requireNonNull(items.get(id)))
                            .toList();
            return new BulkReport(all, replayed);
        }
    }
}
