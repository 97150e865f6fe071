package dev.docs.application;

import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentRepository.Publication;
import dev.docs.domain.Quota;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets small documents of one owner that come at the same time be published in one step. They would wait for each other in any
 * case, where the owner's usage is counted, and each for a disk that could serve them all at once. Nobody waits for company: who comes
 * while no step of the owner's is under way makes one at once. Owners have nothing to do with each other.
 */
final class Together {
    private final DocumentRepository repository;
    private final Quota defaults;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Group> groups = new HashMap<>();

    Together(DocumentRepository repository, Quota defaults) {
        this.repository = repository;
        this.defaults = defaults;
    }

    /** Those of one owner; there while there are any. */
    private static final class Group {
        private final Condition changed;
        private final List<Member> waiting = new ArrayList<>();
        private boolean busy;
        private int members;

        Group(ReentrantLock lock) {
            changed = lock.newCondition();
        }
    }

    private static final class Member {
        private final Publication publication;
        private boolean ended;
        private boolean published;
        private @Nullable DocumentException refusal;

        Member(Publication publication) {
            this.publication = publication;
        }
    }

    /** As {@link DocumentRepository#publish}, of a new document. */
    void publish(Publication publication) {
        Member mine = new Member(publication);
        join(mine);
        if (mine.refusal != null) {
            throw mine.refusal;
        }
        if (!mine.published) {
            // the common step failed, which need not be because of this one
            publishAlone(publication);
        }
    }

    private void join(Member mine) {
        String owner = mine.publication.next().userId();
        lock.lock();
        Group group = groups.computeIfAbsent(owner, any -> new Group(lock));
        try {
            group.members++;
            group.waiting.add(mine);
            while (!mine.ended) {
                if (group.busy) {
                    group.changed.awaitUninterruptibly();
                } else {
                    lead(group);
                }
            }
        } finally {
            if (--group.members == 0) {
                groups.remove(owner);
            }
            lock.unlock();
        }
    }

    /** Makes a step of the first that wait, among them the caller's if they are not too many. The lock is free meanwhile. */
    private void lead(Group group) {
        List<Member> first = group.waiting.subList(0, Math.min(group.waiting.size(), Creations.MAX_WAITING));
        List<Member> all = List.copyOf(first);
        first.clear();
        group.busy = true;
        lock.unlock();
        try {
            step(all);
        } finally {
            lock.lock();
            group.busy = false;
            all.forEach(member -> member.ended = true);
            group.changed.signalAll();
        }
    }

    private void step(List<Member> all) {
        if (all.size() == 1) {
            publishAlone(all.get(0).publication);
            all.get(0).published = true;
            return;
        }
        try {
            List<Optional<DocumentException>> refusals = repository.publishAll(
                    all.stream().map(member -> member.publication).toList(), defaults);
            for (int i = 0; i < all.size(); i++) {
                all.get(i).refusal = refusals.get(i).orElse(null);
                all.get(i).published = refusals.get(i).isEmpty();
            }
        } catch (DocumentException e) {
            if (e.kind() == Kind.OUTCOME_UNKNOWN) {
                all.forEach(member -> member.refusal = e);
            }
        }
    }

    private void publishAlone(Publication one) {
        repository.publish(one.next(), one.bytes(), defaults, one.use());
    }
}
