package dev.docs.app.crash;

import dev.docs.app.crash.History.Known;
import dev.docs.app.crash.State.Blob;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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
     */
    record Creation(State first, @Nullable Blob content, boolean mayBeActive) {
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
    private final AtomicLong marks = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
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
        if (documents.putIfAbsent(id, new History(id, known)) != null) {
            throw new Violation("the id " + id + " was given twice");
        }
    }

    /** A document that nobody was told of turned up. */
    History adopt(UUID id, Known seen) {
        Creation creation = creations.remove(seen.state().name());
        if (creation == null || !creation.allows(seen)) {
            throw new Violation("document " + id + " is " + seen + ", but was requested as " + creation);
        }
        History history = new History(id, seen);
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
        return acknowledged + " acknowledged, " + refused + " refused, " + unknown + " unknown, " + documents.size()
                + " documents, " + live().size() + " of them left";
    }
}
