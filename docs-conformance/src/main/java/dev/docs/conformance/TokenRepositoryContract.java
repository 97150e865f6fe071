package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.ApiToken;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.TokenRepository;
import dev.docs.domain.TokenRepository.Made;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The promises of {@link TokenRepository}, each as a test. An adapter's test class extends this and opens the adapter;
 * every test uses users and tokens of its own, so all may share one database.
 */
public abstract class TokenRepositoryContract {
    /** Both repositories of one database. */
    public record Opened(DocumentRepository documents, TokenRepository tokens) {}

    private static final Instant CREATED = Instant.parse("2026-11-24T08:00:00.123Z");

    private final Random random = new Random();
    private final String user = "user-" + UUID.randomUUID();
    private DocumentRepository documents = new InMemoryDocumentRepository();
    private TokenRepository tokens = new InMemoryTokenRepository(new InMemoryDocumentRepository());

    /** Opens the adapter; called once before each test. */
    protected abstract Opened open() throws Exception;

    @BeforeEach
    final void openRepositories() throws Exception {
        Opened opened = open();
        documents = opened.documents();
        tokens = opened.tokens();
    }

    @Test
    final void aTokenIsFoundByItsDigestWithEveryField() {
        ApiToken plain = create(token(user, CREATED, null));
        ApiToken full = create(new ApiToken(
                Ids.uuidV7(CREATED, random),
                user + " ü\uD83D\uDCC4",
                true,
                "docs_äb",
                digest(),
                CREATED,
                Instant.parse("9999-12-31T23:59:59.999Z"),
                Instant.parse("2026-11-24T09:00:00Z")));

        assertThat(tokens.findBySha256(plain.sha256())).contains(plain);
        assertThat(tokens.findBySha256(full.sha256())).contains(full);
    }

    @Test
    final void anUnknownDigestFindsNothing() {
        ApiToken token = create(token(user, CREATED, null));

        assertThat(tokens.findBySha256(digest())).isEmpty();
        assertThat(tokens.findBySha256(token.sha256().substring(1))).isEmpty();
        assertThat(tokens.findBySha256("")).isEmpty();
    }

    @Test
    final void anExpiredTokenIsFoundToo() {
        ApiToken expired = create(token(user, CREATED, CREATED.plusMillis(1)));

        assertThat(tokens.findBySha256(expired.sha256())).contains(expired);
        assertThat(ours()).containsExactly(expired);
    }

    @Test
    final void allTokensAreListedOldestFirst() {
        ApiToken second = create(token(user, CREATED.plusMillis(1), null));
        ApiToken third = create(token(user, CREATED.plusSeconds(1), CREATED.plusSeconds(2)));
        ApiToken first = create(token(user, CREATED, null));

        assertThat(ours()).containsExactly(first, second, third);
    }

    @Test
    final void aListIsOfOneUserAndGoesOnBehindAnyId() {
        List<ApiToken> own = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            own.add(create(token(user, CREATED.plusMillis(i), null)));
            create(token(user + "x", CREATED.plusMillis(i), null));
        }

        assertThat(tokens.list(user, null, 10)).isEqualTo(own);
        assertThat(tokens.list(user, null, 2)).isEqualTo(own.subList(0, 2));
        assertThat(tokens.list(user, own.get(1).id(), 2)).isEqualTo(own.subList(2, 4));
        assertThat(tokens.list(user, own.get(4).id(), 2)).isEmpty();
        assertThat(tokens.list("nobody-" + user, null, 2)).isEmpty();
        assertThat(tokens.list(null, own.get(1).id(), Integer.MAX_VALUE))
                .containsSubsequence(own.subList(2, 5))
                .doesNotContainAnyElementsOf(own.subList(0, 2));
        tokens.revoke(own.get(1).id(), null);
        assertThat(tokens.list(user, own.get(1).id(), 2)).isEqualTo(own.subList(2, 4));
    }

    @Test
    final void whoRevokesForAUserRevokesNobodyElses() {
        ApiToken own = create(token(user, CREATED, null));
        ApiToken foreign = create(token(user + "x", CREATED, null));

        assertThat(tokens.revoke(foreign.id(), user)).isFalse();
        assertThat(ours()).contains(own, foreign);
        assertThat(tokens.revoke(own.id(), user)).isTrue();
        assertThat(ours()).containsExactly(foreign);
        assertThat(tokens.revoke(own.id(), user)).isFalse();
    }

    @Test
    final void aTokenMadeWithAnotherNeedsThatOne() {
        ApiToken maker = create(token(user, CREATED, null));
        ApiToken made = token(user, CREATED.plusMillis(1), null);
        ApiToken forAnother = token(user + "x", CREATED.plusMillis(2), null);

        assertThat(tokens.createWith(maker.id(), made, 5, CREATED)).isEqualTo(Made.STORED);
        assertThat(tokens.createWith(maker.id(), forAnother, 5, CREATED)).isEqualTo(Made.STORED);
        assertThat(ours()).containsExactly(maker, made, forAnother);
        assertThat(tokens.findBySha256(made.sha256())).contains(made);

        tokens.revoke(maker.id(), null);
        for (String each : List.of(user, user + "y")) {
            assertThat(tokens.createWith(maker.id(), token(each, CREATED, null), 5, CREATED))
                    .isEqualTo(Made.MAKER_GONE);
        }
        assertThat(ours()).containsExactly(made, forAnother);
        assertThat(documents.deleteUser(user + "y")).as("there is no such user").isFalse();
    }

    @Test
    final void expiredTokensMakeRoomAndOthersDoNot() {
        ApiToken maker = create(token(user + "x", CREATED, null));
        ApiToken valid = create(token(user, CREATED, CREATED.plusMillis(2)));
        ApiToken expired = create(token(user, CREATED.plusMillis(1), CREATED.plusMillis(1)));
        ApiToken third = token(user, CREATED.plusMillis(2), null);
        ApiToken fourth = token(user, CREATED.plusMillis(3), null);

        assertThat(tokens.createWith(maker.id(), third, 3, CREATED.plusMillis(1)))
                .isEqualTo(Made.STORED);
        assertThat(ours()).containsExactlyInAnyOrder(maker, valid, expired, third);
        assertThat(tokens.createWith(maker.id(), fourth, 3, CREATED)).isEqualTo(Made.TOO_MANY);
        assertThat(tokens.createWith(maker.id(), fourth, 3, CREATED.plusMillis(1)))
                .isEqualTo(Made.STORED);
        assertThat(ours()).containsExactlyInAnyOrder(maker, valid, third, fourth);
        assertThat(tokens.createWith(maker.id(), token(user, CREATED, null), 3, CREATED.plusMillis(1)))
                .isEqualTo(Made.TOO_MANY);
        assertThat(ours()).containsExactlyInAnyOrder(maker, valid, third, fourth);
    }

    @Test
    final void manyAtOnceMakeNoMoreThanThereMayBe() throws Exception {
        ApiToken maker = create(token(user, CREATED, null));
        List<Callable<Made>> calls = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            ApiToken token = token(user, CREATED.plusMillis(i), null);
            calls.add(() -> tokens.createWith(maker.id(), token, 4, CREATED));
        }
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Made> made = new ArrayList<>();
        try {
            for (Future<Made> each : threads.invokeAll(calls)) {
                made.add(each.get());
            }
        } finally {
            threads.shutdown();
        }

        assertThat(made).containsOnly(Made.STORED, Made.TOO_MANY);
        assertThat(Collections.frequency(made, Made.STORED)).isEqualTo(3);
        assertThat(ours()).hasSize(4);
    }

    @Test
    final void aRevokedTokenIsGone() {
        ApiToken kept = create(token(user, CREATED, null));
        ApiToken revoked = create(token(user, CREATED, null));

        assertThat(tokens.revoke(revoked.id(), null)).isTrue();

        assertThat(tokens.findBySha256(revoked.sha256())).isEmpty();
        assertThat(ours()).containsExactly(kept);
        assertThat(tokens.revoke(revoked.id(), null)).isFalse();
        assertThat(tokens.revoke(Ids.uuidV7(CREATED, random), null)).isFalse();
    }

    @Test
    final void theLastUseIsNoted() {
        ApiToken token = create(token(user, CREATED, null));
        ApiToken other = create(token(user, CREATED.plusMillis(1), null));

        for (String hour : List.of("2026-11-24T09:00:00Z", "2026-11-24T11:00:00Z")) {
            Instant when = Instant.parse(hour);
            tokens.used(token.id(), when);
            assertThat(tokens.findBySha256(token.sha256())).contains(used(token, when));
        }
        assertThat(tokens.findBySha256(other.sha256())).contains(other);
    }

    @Test
    final void theUseOfATokenThatIsGoneIsIgnored() {
        ApiToken token = create(token(user, CREATED, null));
        tokens.revoke(token.id(), null);

        tokens.used(token.id(), CREATED);

        assertThat(tokens.findBySha256(token.sha256())).isEmpty();
        assertThat(ours()).isEmpty();
    }

    @Test
    final void deletingAUserEndsItsTokensAndNoOthers() {
        ApiToken ended = create(token(user, CREATED, null));
        ApiToken kept = create(token(user + "x", CREATED, null));

        assertThat(documents.deleteUser(user)).isTrue();

        assertThat(tokens.findBySha256(ended.sha256())).isEmpty();
        assertThat(ours()).containsExactly(kept);
        assertThat(documents.deleteUser(user)).isFalse();
    }

    private ApiToken create(ApiToken token) {
        tokens.create(token);
        return token;
    }

    private List<ApiToken> ours() {
        return tokens.list(null, null, Integer.MAX_VALUE).stream()
                .filter(token -> token.userId().startsWith(user))
                .toList();
    }

    private ApiToken token(String userId, Instant created, @Nullable Instant expires) {
        return new ApiToken(Ids.uuidV7(created, random), userId, false, "docs_abcd", digest(), created, expires, null);
    }

    private static ApiToken used(ApiToken token, Instant when) {
        return new ApiToken(
                token.id(),
                token.userId(),
                token.administrator(),
                token.prefix(),
                token.sha256(),
                token.createdAt(),
                token.expiresAt(),
                when);
    }

    private String digest() {
        return "%016x%016x%016x%016x"
                .formatted(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    }
}
