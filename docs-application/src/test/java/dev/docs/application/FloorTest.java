package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.SMALL;
import static dev.docs.application.House.kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.conformance.ForwardingStorage;
import dev.docs.conformance.InMemoryStorage;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** Space that uploads must leave. The store's disk has as much as a test says, less what is stored on it meanwhile. */
final class FloorTest {
    private static final long FLOOR = 64L << 20;

    private final AtomicLong usable = new AtomicLong(Long.MAX_VALUE);
    private final House house =
            new House(House.LIMITS, new InMemoryStorage(), rows -> rows, store -> new Disk(store, usable), House.LEASE);
    private final DocumentService documents = house.documents;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, SMALL, LARGE})
    void an_upload_that_would_leave_too_little_is_refused_unread(int size) {
        DocumentData document = house.create("before", 10);
        NewContent content = new NewContent(TestContent.untouchable().bytes(), null, (long) size, null);
        usable.set(FLOOR + size - 1);

        assertThat(kind(() -> documents.create(ANN, NewDocument.named("a"), content)))
                .isEqualTo(Kind.STORAGE_FULL);
        assertThat(kind(() -> house.replace(document, content))).isEqualTo(Kind.STORAGE_FULL);
        assertThat(kind(() -> documents.requireSpace(size))).isEqualTo(Kind.STORAGE_FULL);
        house.requireNothingLeft();

        usable.set(FLOOR + size);
        documents.requireSpace(size);
        house.create("fits", size);
        usable.set(FLOOR + size);
        house.replace(document, TestContent.known(size));
    }

    @Test
    void content_of_unknown_size_is_refused_where_the_floor_is_and_leaves_nothing() {
        int most = 5_000_000;
        usable.set(FLOOR + most);
        assertThat(kind(() -> documents.create(ANN, NewDocument.named("a"), TestContent.unknown(most + 1))))
                .isEqualTo(Kind.STORAGE_FULL);
        house.requireNothingLeft();

        usable.set(FLOOR + most);
        DocumentData fits = documents.create(ANN, NewDocument.named("b"), TestContent.unknown(most));
        assertThat(fits.sizeBytes()).isEqualTo(most);
        assertThat(usable).hasValue(FLOOR);
        house.requireNothingLeft();
    }

    @Test
    void what_others_still_have_to_write_counts_as_used_until_they_end() {
        usable.set(FLOOR + 10_000_000);
        NewContent slow = new NewContent(
                TestContent.then(1_000_000, () -> {
                    documents.requireSpace(1_000_000);
                    assertThat(kind(() -> documents.requireSpace(1_000_001))).isEqualTo(Kind.STORAGE_FULL);
                    assertThat(kind(() -> house.create("second", 1_000_001))).isEqualTo(Kind.STORAGE_FULL);
                    throw new IllegalStateException("the client is gone");
                }),
                null,
                9_000_000L,
                null);

        assertThatThrownBy(() -> documents.create(ANN, NewDocument.named("slow"), slow))
                .hasMessage("the client is gone");

        usable.set(FLOOR + 10_000_000);
        documents.requireSpace(10_000_000);
        house.requireNothingLeft();
    }

    @Test
    void everything_but_uploads_goes_on_below_the_floor() {
        DocumentData document = house.create("a", LARGE);
        DocumentData other = house.create("b", LARGE);
        usable.set(0);

        assertThat(house.bytesOf(document)).hasSize(LARGE);
        assertThat(documents.archive(ANN, document.id(), Precondition.NONE).status())
                .isEqualTo(DocumentStatus.ARCHIVED);
        house.reserve("later");
        documents.purge(ANN, other.id(), Precondition.NONE);
        house.clock.advance(House.GRACE.plusSeconds(1));
        assertThat(house.housekeeping.sweep().contentsDeleted()).isEqualTo(1);
        assertThatThrownBy(documents::check).hasMessageContaining("storage 'main'");

        usable.set(FLOOR);
        documents.check();
    }

    @Test
    void without_a_floor_nobody_asks() {
        usable.set(0);
        Docs docs = Docs.builder()
                .repository(house.rows)
                .store("main", new Disk(house.store, usable))
                .minFreeBytes(0)
                .build();
        assertThat(docs.documents()
                        .create(ANN, NewDocument.named("a"), TestContent.known(LARGE))
                        .sizeBytes())
                .isEqualTo(LARGE);
        docs.documents().check();
    }

    private static final class Disk extends ForwardingStorage {
        private final AtomicLong usable;

        Disk(StorageBackend next, AtomicLong usable) {
            super(next);
            this.usable = usable;
        }

        @Override
        public Stored store(StorageUrl url, ReadableByteChannel bytes) {
            return next.store(url, new ReadableByteChannel() {
                @Override
                public int read(ByteBuffer target) throws IOException {
                    int read = bytes.read(target);
                    usable.addAndGet(-Math.max(0, read));
                    return read;
                }

                @Override
                public boolean isOpen() {
                    return bytes.isOpen();
                }

                @Override
                public void close() throws IOException {
                    bytes.close();
                }
            });
        }

        @Override
        public OptionalLong usableBytes() {
            return OptionalLong.of(usable.get());
        }
    }
}
