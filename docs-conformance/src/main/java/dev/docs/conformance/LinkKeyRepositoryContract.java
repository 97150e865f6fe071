package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.DocumentRepository;
import dev.docs.domain.LinkKey;
import dev.docs.domain.LinkKeyRepository;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The promises of {@link LinkKeyRepository}, each as a test. An adapter's test class extends this and opens the adapter;
 * every test uses users and keys of its own, so all may share one database.
 */
public abstract class LinkKeyRepositoryContract {
    /** Both repositories of one database. */
    public record Opened(DocumentRepository documents, LinkKeyRepository keys) {}

    private static final Instant CREATED = Instant.parse("2026-11-24T08:00:00.123Z");

    private final Random random = new Random();
    private final String user = "user-\u00e4 \uD83D\uDCC4 " + UUID.randomUUID();
    private DocumentRepository documents = new InMemoryDocumentRepository();
    private LinkKeyRepository keys = new InMemoryLinkKeyRepository(new InMemoryDocumentRepository());

    /** Opens the adapter; called once before each test. */
    protected abstract Opened open() throws Exception;

    @BeforeEach
    final void openRepositories() throws Exception {
        Opened opened = open();
        documents = opened.documents();
        keys = opened.keys();
    }

    @Test
    final void aUsersFirstKeyIsKeptWithEveryField() {
        LinkKey first = key(user);

        assertThat(keys.keep(first)).isEqualTo(first);
        assertThat(keys.find(first.id())).contains(first);
        assertThat(keys.keep(key(user))).isEqualTo(first);
        assertThat(keys.keep(key(user + "x"))).isNotEqualTo(first);
    }

    @Test
    final void aKeyThatWasNotKeptIsNotFound() {
        LinkKey first = keys.keep(key(user));
        LinkKey second = key(user);
        keys.keep(second);

        assertThat(keys.find(second.id())).isEmpty();
        assertThat(keys.find(first.id())).contains(first);
    }

    @Test
    final void allWhoProposeAKeyAtATimeGetTheSame() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<LinkKey>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                LinkKey proposed = key(user);
                calls.add(() -> keys.keep(proposed));
            }
            List<LinkKey> kept = new ArrayList<>();
            for (Future<LinkKey> each : threads.invokeAll(calls)) {
                kept.add(each.get());
            }
            assertThat(kept).containsOnly(kept.get(0));
            assertThat(keys.find(kept.get(0).id())).contains(kept.get(0));
        } finally {
            threads.shutdown();
        }
    }

    @Test
    final void aRemovedKeyIsGoneAndMakesRoomForAnother() {
        LinkKey first = keys.keep(key(user));
        LinkKey other = keys.keep(key(user + "x"));

        assertThat(keys.remove(user)).isTrue();
        assertThat(keys.find(first.id())).isEmpty();
        assertThat(keys.remove(user)).isFalse();
        assertThat(keys.find(other.id())).contains(other);
        LinkKey second = key(user);
        assertThat(keys.keep(second)).isEqualTo(second);
    }

    @Test
    final void deletingAUserEndsItsKeyAndNoOther() {
        LinkKey ended = keys.keep(key(user));
        LinkKey kept = keys.keep(key(user + "x"));

        assertThat(documents.deleteUser(user)).isTrue();

        assertThat(keys.find(ended.id())).isEmpty();
        assertThat(keys.find(kept.id())).contains(kept);
    }

    private LinkKey key(String userId) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        return new LinkKey(Ids.uuidV7(CREATED, random), userId, HexFormat.of().formatHex(secret), CREATED);
    }
}
