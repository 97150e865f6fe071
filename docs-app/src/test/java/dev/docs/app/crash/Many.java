package dev.docs.app.crash;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Random;

/** A request about many documents, of which a kill may leave some done. With a key it is sent again until it is answered. */
abstract class Many {
    private final @Nullable String key;

    Many(@Nullable String key) {
        this.key = key;
    }

    static @Nullable String key(Random random, Ledger ledger) {
        return random.nextInt(3) > 0 ? "key-" + ledger.nextMark() : null;
    }

    final boolean isKeyed() {
        return key != null;
    }

    final HttpRequest.Builder keyed(HttpRequest.Builder request) {
        return key == null ? request : request.header("Idempotency-Key", key);
    }

    /** Returns whether it was answered for good. */
    abstract boolean send(Load load, URI server) throws InterruptedException;
}
