package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.DocumentException.Kind;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.StorageBackend;
import dev.docs.domain.StorageUrl;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;

final class InMemoryStorageTest extends StorageBackendContract {
    private InMemoryStorage storage = new InMemoryStorage();

    @Override
    protected StorageBackend open() {
        storage = new InMemoryStorage();
        return storage;
    }

    @Override
    protected Damage damage() {
        return storage::cut;
    }

    @Test
    void isFullAtItsCapacityAndHasRoomAgainAfterADelete() {
        InMemoryStorage small = new InMemoryStorage(10);
        small.store(url("a"), bytes(6));

        DocumentStorageException full =
                catchThrowableOfType(DocumentStorageException.class, () -> small.store(url("b"), bytes(5)));
        assertThat(full.kind()).isEqualTo(Kind.STORAGE_FULL);
        assertThat(small.size(url("b"))).isEmpty();

        small.store(url("c"), bytes(4));
        small.cut(url("c"), 1);
        small.store(url("d"), bytes(3));
        small.delete(url("a"));
        small.store(url("e"), bytes(6));
        assertThat(small.list(null, 9)).hasSize(3);
    }

    @Test
    void refusesToCutWhatIsNotThere() {
        storage.store(url("a"), bytes(6));

        assertThatIllegalArgumentException().isThrownBy(() -> storage.cut(url("a"), 7));
        assertThatIllegalArgumentException().isThrownBy(() -> storage.cut(url("b"), 0));
    }

    private static StorageUrl url(String key) {
        return new StorageUrl("main", key);
    }

    private static ReadableByteChannel bytes(int size) {
        return Channels.newChannel(new ByteArrayInputStream(new byte[size]));
    }
}
