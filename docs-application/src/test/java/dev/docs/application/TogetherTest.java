package dev.docs.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentQuotaException;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Quota;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

class TogetherTest {

    /** The first step of Ann's waits until it is let go; those that come meanwhile wait for it. */
    private static class SlowFirst extends ForwardingRepository {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch free = new CountDownLatch(1);
        final AtomicInteger alone = new AtomicInteger();
        final List<Integer> together = new ArrayList<>();

        SlowFirst(DocumentRepository next) {
            super(next);
        }

        @Override
        public void publish(DocumentData document, ByteBuffer bytes, Quota defaults, IdempotencyKey.@Nullable Use use) {
            if (document.name().equals("first")) {
                entered.countDown();
                try {
                    free.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            alone.incrementAndGet();
            super.publish(document, bytes, defaults, use);
        }

        @Override
        public List<Optional<DocumentException>> publishAll(List<Publication> publications, Quota defaults) {
            together.add(publications.size());
            return super.publishAll(publications, defaults);
        }
    }

    private static SlowFirst slow(House[] house, Limits limits, UnaryOperator<DocumentRepository> broken) {
        SlowFirst[] slow = new SlowFirst[1];
        house[0] = new House(
                limits,
                new InMemoryStorage(),
                rows -> {
                    slow[0] = new SlowFirst(broken.apply(rows));
                    return slow[0];
                },
                store -> store,
                House.LEASE);
        return slow[0];
    }

    private Future<DocumentData> begin(House house, String name, List<Thread> threads) {
        CompletableFuture<DocumentData> end = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                end.complete(house.create(name, House.SMALL));
            } catch (RuntimeException e) {
                end.completeExceptionally(e);
            }
        });
        thread.start();
        threads.add(thread);
        return end;
    }

    /** Begins the first, and so many behind it, and lets them go when all wait. */
    private List<Future<DocumentData>> behindFirst(House house, SlowFirst slow, int count) throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Future<DocumentData>> all = new ArrayList<>();
        all.add(begin(house, "first", threads));
        slow.entered.await();
        for (int i = 0; i < count; i++) {
            all.add(begin(house, "behind-" + i, threads));
        }
        Awaitility.await().until(() -> threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        slow.free.countDown();
        return all;
    }

    @Test
    void what_comes_during_a_step_is_published_in_the_next_one() throws Exception {
        House[] house = new House[1];
        SlowFirst slow = slow(house, House.LIMITS, rows -> rows);

        List<Future<DocumentData>> all = behindFirst(house[0], slow, 5);

        for (Future<DocumentData> each : all) {
            DocumentData document = each.get();
            assertThat(house[0].now(document)).isEqualTo(document);
            assertThat(house[0].bytesOf(document)).hasSize(House.SMALL);
        }
        assertThat(slow.alone).hasValue(1);
        assertThat(slow.together).containsExactly(5);
        house[0].requireNothingLeft();
    }

    @Test
    void another_owner_does_not_wait() throws Exception {
        House[] house = new House[1];
        SlowFirst slow = slow(house, House.LIMITS, rows -> rows);
        List<Thread> threads = new ArrayList<>();
        Future<DocumentData> first = begin(house[0], "first", threads);
        slow.entered.await();

        house[0].documents.create(House.BOB, NewDocument.named("bobs"), TestContent.known(House.SMALL));

        assertThat(first.isDone()).isFalse();
        slow.free.countDown();
        first.get();
    }

    @Test
    void each_has_an_outcome_of_its_own() throws Exception {
        House[] house = new House[1];
        Quota room = Quota.UNLIMITED.withBytes(3 * House.SMALL);
        SlowFirst slow = slow(house, House.LIMITS.withQuota(room), rows -> rows);

        List<Future<DocumentData>> all = behindFirst(house[0], slow, 4);

        int published = 0;
        for (Future<DocumentData> each : all) {
            try {
                each.get();
                published++;
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(DocumentQuotaException.class);
            }
        }
        assertThat(published).isEqualTo(3);
        assertThat(slow.together).containsExactly(4);
        house[0].requireNothingLeft();
    }

    @Test
    void when_the_common_step_fails_each_is_published_for_itself() throws Exception {
        House[] house = new House[1];
        SlowFirst slow = slow(house, House.LIMITS, rows -> new ForwardingRepository(rows) {
            @Override
            public List<Optional<DocumentException>> publishAll(List<Publication> publications, Quota defaults) {
                throw DocumentStorageException.unavailable("one of them was too much", null);
            }
        });

        for (Future<DocumentData> each : behindFirst(house[0], slow, 3)) {
            assertThat(house[0].now(each.get())).isNotNull();
        }
        assertThat(slow.alone).hasValue(4);
        house[0].requireNothingLeft();
    }

    @Test
    void an_outcome_that_nobody_knows_is_looked_up_by_each() throws Exception {
        House[] house = new House[1];
        SlowFirst slow = slow(house, House.LIMITS, rows -> new ForwardingRepository(rows) {
            @Override
            public List<Optional<DocumentException>> publishAll(List<Publication> publications, Quota defaults) {
                // the first is there, the second is not, and the connection is gone
                super.publishAll(publications.subList(0, 1), defaults);
                throw DocumentStorageException.outcomeUnknown(new IllegalStateException("cut"));
            }
        });

        List<Future<DocumentData>> all = behindFirst(house[0], slow, 2);

        all.get(0).get();
        int known = 0;
        for (Future<DocumentData> each : all.subList(1, 3)) {
            try {
                assertThat(house[0].now(each.get())).isNotNull();
                known++;
            } catch (ExecutionException e) {
                assertThat(e).cause().hasFieldOrPropertyWithValue("kind", DocumentException.Kind.OUTCOME_UNKNOWN);
            }
        }
        assertThat(known).isEqualTo(1);
        assertThat(slow.alone).as("nothing is tried twice").hasValue(1);
    }

    @Test
    void who_fails_alone_keeps_nobody_else_waiting() throws Exception {
        House[] house = new House[1];
        slow(house, House.LIMITS, rows -> new ForwardingRepository(rows) {
            @Override
            public void publish(
                    DocumentData document, ByteBuffer bytes, Quota defaults, IdempotencyKey.@Nullable Use use) {
                if (document.name().equals("bad")) {
                    throw new IllegalStateException("a bug");
                }
                super.publish(document, bytes, defaults, use);
            }
        });

        assertThatThrownBy(() -> house[0].create("bad", House.SMALL)).hasMessage("a bug");

        assertThat(house[0].now(house[0].create("good", House.SMALL))).isNotNull();
    }
}
