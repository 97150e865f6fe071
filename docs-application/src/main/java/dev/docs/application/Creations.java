package dev.docs.application;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Creates many documents in the order in which they come. Small ones wait until there are some to be published in one step;
 * larger ones are stored one by one, after all that came before them.
 */
final class Creations {
    static final int MAX_WAITING = 64;
    private static final long MAX_WAITING_BYTES = 1 << 20;

    private final Uploads uploads;
    private final Repetitions repetitions;
    private final UnaryOperator<Outcome> admitted;
    private final Consumer<Created> results;
    private final List<Waiting> waiting = new ArrayList<>();
    private long waitingBytes;
    private int told;

    /** Small content that has been read and let in, or else what is known already: exactly one of them. */
    private record Waiting(
            Uploads.@Nullable Small small, @Nullable Supplier<Outcome> known) {}

    /** @param admitted is shown each outcome once it is durable, and decides whether the caller may see it; throws if not */
    Creations(Uploads uploads, Repetitions repetitions, UnaryOperator<Outcome> admitted, Consumer<Created> results) {
        this.repetitions = repetitions;
        this.uploads = uploads;
        this.admitted = admitted;
        this.results = results;
    }

    /** One that is about to be created. */
    record Next(
            DocumentData pending,
            NewContent content,
            @Nullable KeyedRequest request) {}

    void add(Next next) {
        Optional<Outcome> done;
        Uploads.Received received = null;
        try {
            done = next.request() == null ? Optional.empty() : repetitions.find(next.content(), next.request());
            if (done.isEmpty()) {
                received = uploads.receive(next.pending(), next.content(), next.request());
            }
        } catch (DocumentException e) {
            refuse(e);
            return;
        }
        if (received == null) {
            await(new Waiting(null, done::orElseThrow));
        } else if (received.small() != null) {
            await(received.small());
        } else {
            finish();
            tell(List.of(Objects.requireNonNull(received.large())));
        }
    }

    private void await(Uploads.Small small) {
        waitingBytes += small.bytes().remaining() + small.next().metadata().sizeBytes();
        await(new Waiting(small, null));
    }

    void refuse(DocumentException failure) {
        await(new Waiting(null, () -> {
            throw failure;
        }));
    }

    private void await(Waiting one) {
        waiting.add(one);
        if (waiting.size() >= MAX_WAITING || waitingBytes >= MAX_WAITING_BYTES) {
            finish();
        }
    }

    /** Publishes what waits, and tells what became of it. */
    void finish() {
        List<Waiting> all = List.copyOf(waiting);
        waiting.clear();
        waitingBytes = 0;
        List<Uploads.Small> smalls =
                all.stream().map(Waiting::small).filter(Objects::nonNull).toList();
        Iterator<Supplier<Outcome>> published = uploads.publish(smalls).iterator();
        tell(all.stream()
                .map(each -> Objects.requireNonNullElseGet(each.known(), published::next))
                .toList());
    }

    private void tell(List<Supplier<Outcome>> step) {
        // listeners hear of the whole step, even if the caller does not want to hear any more
        List<Created> all = step.stream().map(this::created).toList();
        all.forEach(results);
    }

    private Created created(Supplier<Outcome> result) {
        int index = told++;
        try {
            return new Created(index, admitted.apply(result.get()), null);
        } catch (DocumentException e) {
            return new Created(index, null, e);
        }
    }
}
