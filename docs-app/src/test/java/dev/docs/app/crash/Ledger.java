package dev.docs.app.crash;

import dev.docs.app.crash.History.Known;
import dev.docs.app.crash.State.Blob;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** What the clients sent and were told, kept where no kill reaches it. */
final class Ledger {
    /** Content longer than this is in a file: the server's default. */
    static final int INLINE_MAX = 16 * 1024;

    /**
     * A request for a new document, which has no id as long as it is not answered.
     *
     * @param content null if only a place was reserved
     * @param mayBeActive whether it may have succeeded: false once it was refused, or was never sent whole
     * @param mayBeRepeated whether it has a key, and may be begun more than once
     */
    record Creation(State first, @Nullable Blob content, boolean mayBeActive, boolean mayBeRepeated) {
        Creation refused() {
            return new Creation(first, content, false, mayBeRepeated);
        }

        boolean allows(Known seen) {
            boolean begun = content == null ? mayBeActive : content.size() > INLINE_MAX;
            if (begun && seen.revision() == 1) {
                return seen.state().equals(first);
            }
            if (begun && seen.revision() == 2 && seen.state().equals(first.in(State.ERROR))) {
                return true;
            }
            return mayBeActive
                    && content != null
                    && seen.revision() == 2
                    && seen.state().equals(first.with(content));
        }
    }

    private final Map<UUID, History> documents = new ConcurrentHashMap<>();
    private final Map<String, Creation> creations = new ConcurrentHashMap<>();

    /** What became of each creation, by its name. */
    private final Map<String, UUID> made = new ConcurrentHashMap<>();

    /** Requests with keys that were not answered yet; and those of them that nobody is sending just now. */
    private final Set<Many> unanswered = ConcurrentHashMap.newKeySet();

    private final Queue<Many> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicLong marks = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong many = new AtomicLong();
    private final AtomicLong inParts = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();

    /** A number never used before. */
    long nextMark() {
        return marks.incrementAndGet();
    }

    void create(Creation creation) {
        creations.put(creation.first().name(), creation);
    }

    void created(Creation creation, UUID id, Known known) {
        creations.remove(creation.first().name());
        boolean isNew = make(creation.first().name(), id);
        if (isNew && documents.putIfAbsent(id, new History(id, known, false)) != null) {
            throw new Violation("the id " + id + " was given twice");
        }
        if (!isNew && !creation.mayBeRepeated()) {
            throw new Violation(creation + " was carried out twice");
        }
    }

    /** Returns false if it was known already. */
    private boolean make(String name, UUID id) {
        UUID before = made.putIfAbsent(name, id);
        if (before != null && !before.equals(id)) {
            throw new Violation(name + " became two documents, " + before + " and " + id);
        }
        return before == null;
    }

    /** A document that nobody was told of turned up. */
    History adopt(UUID id, Known seen) {
        String name = seen.state().name();
        Creation creation = creations.get(name);
        if (creation == null || !creation.allows(seen)) {
            throw new Violation("document " + id + " is " + seen + ", but was requested as " + creation);
        }
        if (seen.state().content() != null) {
            make(name, id);
        }
        if (!creation.mayBeRepeated()) {
            creations.remove(name);
        }
        History history = new History(id, seen, creation.mayBeRepeated());
        documents.put(id, history);
        return history;
    }

    @Nullable
    History find(UUID id) {
        return documents.get(id);
    }

    Collection<History> all() {
        return documents.values();
    }

    List<History> live() {
        List<History> live = new ArrayList<>();
        documents.values().forEach(history -> {
            if (!history.isGone()) {
                live.add(history);
            }
        });
        return live;
    }

    /** No request is under way any more, and every document there is has been seen. */
    void settle() {
        creations.clear();
        documents.values().forEach(History::settle);
    }

    // Requests about many documents

    void open(Many request) {
        unanswered.add(request);
    }

    void answered(Many request) {
        unanswered.remove(request);
    }

    void leaveOpen(Many request) {
        waiting.add(request);
    }

    /** One that is to be sent again; null if there is none. */
    @Nullable
    Many take() {
        return waiting.poll();
    }

    boolean isAllAnswered() {
        return unanswered.isEmpty();
    }

    /** Documents that requests about many have been answered for. */
    void countMany(int documents) {
        many.addAndGet(documents);
    }

    /** An upload in parts has become a document. */
    void countInParts() {
        inParts.incrementAndGet();
    }

    void count(Client.Outcome outcome) {
        (switch (outcome) {
                    case ACKNOWLEDGED -> acknowledged;
                    case REFUSED -> refused;
                    case UNKNOWN -> unknown;
                })
                .incrementAndGet();
    }

    long acknowledged() {
        return acknowledged.get();
    }

    @Override
    public String toString() {
        return acknowledged + " acknowledged (and " + many + " documents of requests about many, " + inParts
                + " of uploads in parts), " + refused
                + " refused, " + unknown + " unknown, " + documents.size() + " documents, " + live().size()
                + " of them left";
    }
}
