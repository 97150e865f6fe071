package dev.docs.adapter.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

final class SyncBarrierTest {
    @Test
    void those_who_come_during_a_sync_wait_for_the_next_one_and_share_it() throws Exception {
        AtomicInteger syncs = new AtomicInteger();
        CountDownLatch firstRuns = new CountDownLatch(1);
        Semaphore mayEnd = new Semaphore(0);
        SyncBarrier barrier = new SyncBarrier(() -> {
            syncs.incrementAndGet();
            firstRuns.countDown();
            mayEnd.acquireUninterruptibly();
        });
        CompletableFuture<Void> first = CompletableFuture.runAsync(barrier::await);
        firstRuns.await();
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Thread other = new Thread(barrier::await);
            other.start();
            others.add(other);
        }
        Awaitility.await().until(() -> others.stream().allMatch(t -> t.getState() == Thread.State.WAITING));

        mayEnd.release();
        first.get();
        Awaitility.await().until(() -> syncs.get() == 2);
        assertThat(others).allMatch(Thread::isAlive);
        mayEnd.release();
        for (Thread other : others) {
            other.join();
        }

        assertThat(syncs).hasValue(2);
    }

    @Test
    void a_sync_that_fails_fails_who_ran_it_and_the_next_is_new() {
        AtomicInteger syncs = new AtomicInteger();
        SyncBarrier barrier = new SyncBarrier(() -> {
            if (syncs.incrementAndGet() == 1) {
                throw new IllegalStateException("the disk is gone");
            }
        });

        assertThatThrownBy(barrier::await).hasMessage("the disk is gone");
        barrier.await();

        assertThat(syncs).hasValue(2);
    }

    @Test
    void those_who_wait_behind_a_sync_that_fails_run_one_of_their_own() throws Exception {
        AtomicInteger syncs = new AtomicInteger();
        CountDownLatch firstRuns = new CountDownLatch(1);
        CountDownLatch mayFail = new CountDownLatch(1);
        SyncBarrier barrier = new SyncBarrier(() -> {
            if (syncs.incrementAndGet() == 1) {
                firstRuns.countDown();
                awaitQuietly(mayFail);
                throw new IllegalStateException("the disk is gone");
            }
        });
        CompletableFuture<Void> leader = CompletableFuture.runAsync(barrier::await);
        firstRuns.await();
        List<FutureTask<Boolean>> followers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            FutureTask<Boolean> follower = new FutureTask<>(barrier::await, true);
            Thread thread = new Thread(follower);
            thread.start();
            followers.add(follower);
            threads.add(thread);
        }
        Awaitility.await().until(() -> threads.stream().allMatch(t -> t.getState() == Thread.State.WAITING));

        mayFail.countDown();

        assertThatThrownBy(leader::get).hasRootCauseMessage("the disk is gone");
        for (FutureTask<Boolean> follower : followers) {
            assertThat(follower.get()).isTrue();
        }
        assertThat(syncs).hasValue(2);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
