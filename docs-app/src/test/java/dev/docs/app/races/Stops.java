package dev.docs.app.races;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.Upload;
import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Places on a server's way to its rows and bytes where a thread waits until the test lets it go on. */
final class Stops {
    private final Map<String, Stop> before = new ConcurrentHashMap<>();
    private final Map<String, Stop> after = new ConcurrentHashMap<>();
    private volatile @Nullable Upload lastUpload;

    /** What a thread dies of that is killed: nothing in its way catches it, so nothing is cleared. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** Holds the first thread that comes. */
    static final class Stop {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);
        private volatile boolean kills;

        /** Returns once a thread waits here. */
        void awaitThread() {
            await(reached);
        }

        void open() {
            open.countDown();
        }

        /** The thread gets no further, as if its process had died. */
        void kill() {
            kills = true;
            open.countDown();
        }

        /** What the thread does that is stopped. */
        void pass() {
            reached.countDown();
            await(open);
            if (kills) {
                throw new Killed();
            }
        }

        private static void await(CountDownLatch latch) {
            try {
                assertThat(latch.await(Race.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .as("reached, or let go on, in time")
                        .isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Stops the next call of a method before it happens. */
    Stop before(String method) {
        return put(before, method);
    }

    /** Stops the next call of a method when it has happened, before it returns. */
    Stop after(String method) {
        return put(after, method);
    }

    /** The upload that this server has put on record last. */
    Upload lastUpload() {
        return Objects.requireNonNull(lastUpload);
    }

    private static Stop put(Map<String, Stop> stops, String method) {
        Stop stop = new Stop();
        stops.put(method, stop);
        return stop;
    }

    <T> T on(Class<T> port, T adapter) {
        Object stopping =
                Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, (proxy, method, args) -> {
                    if (method.getName().equals("reserve")) {
                        lastUpload = (Upload) args[0];
                    }
                    Stop first = before.remove(method.getName());
                    if (first != null) {
                        first.pass();
                    }
                    Object result;
                    try {
                        result = method.invoke(adapter, args);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                    Stop second = after.remove(method.getName());
                    if (second != null) {
                        second.pass();
                    }
                    return result;
                });
        return port.cast(stopping);
    }
}
