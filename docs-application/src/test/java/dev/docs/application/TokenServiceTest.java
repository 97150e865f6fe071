package dev.docs.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.application.TokenService.Issued;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryTokenRepository;
import dev.docs.domain.ApiToken;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentValidationException;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

final class TokenServiceTest {
    private final TestClock clock = new TestClock();
    private final InMemoryTokenRepository repository =
            new InMemoryTokenRepository(new InMemoryDocumentRepository(clock));
    private final TokenService tokens = new TokenService(repository, clock);

    @Test
    void aSecretStandsForItsUser() {
        Issued user = tokens.create("ann", false, null);
        Issued administrator = tokens.create("root", true, null);

        assertThat(tokens.authenticate(user.secret())).contains(Caller.user("ann"));
        assertThat(tokens.authenticate(administrator.secret())).contains(Caller.administrator("root"));
    }

    @Test
    void secretsAreLongRecognisableAndNeverTheSame() {
        Set<String> secrets = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            String secret = tokens.create("ann", false, null).secret();
            assertThat(secret).matches("docs_[A-Za-z0-9_-]{43}");
            secrets.add(secret);
        }
        assertThat(secrets).hasSize(1_000);
    }

    @Test
    void onlyADigestAndTheFirstCharactersAreKept() {
        Issued issued = tokens.create("ann", false, null);

        assertThat(tokens.list()).containsExactly(issued.token());
        ApiToken kept = tokens.list().get(0);
        assertThat(kept.sha256()).isEqualTo(TestContent.sha256(issued.secret().getBytes(StandardCharsets.UTF_8)));
        assertThat(kept.prefix()).isEqualTo(issued.secret().substring(0, 11));
        assertThat(kept.toString()).doesNotContain(issued.secret().substring(12));
        assertThat(kept.createdAt()).isEqualTo(clock.instant());
        assertThat(kept.expiresAt()).isNull();
        assertThat(kept.lastUsedAt()).isNull();
    }

    @Test
    void whatIsNoSecretStandsForNobody() {
        String secret = tokens.create("ann", false, null).secret();

        for (String wrong : new String[] {
            "",
            "docs_",
            secret.substring(0, 11),
            secret + "A",
            secret.substring(0, secret.length() - 1),
            secret.toUpperCase(Locale.ROOT),
            " " + secret,
            secret.substring(5),
            TestContent.sha256(secret.getBytes(StandardCharsets.UTF_8)),
            "docs_" + "A".repeat(43)
        }) {
            assertThat(tokens.authenticate(wrong)).as(wrong).isEmpty();
        }
    }

    @Test
    void aTokenIsValidUntilTheInstantItExpires() {
        Issued issued = tokens.create("ann", false, Duration.ofHours(1));
        assertThat(issued.token().expiresAt()).isEqualTo(clock.instant().plus(Duration.ofHours(1)));

        clock.advance(Duration.ofHours(1).minusMillis(1));
        assertThat(tokens.authenticate(issued.secret())).isPresent();
        clock.advance(Duration.ofMillis(1));
        assertThat(tokens.authenticate(issued.secret())).isEmpty();
        assertThat(tokens.list()).hasSize(1);
    }

    @Test
    void anExpiredTokenIsNotMarkedAsUsed() {
        Issued issued = tokens.create("ann", false, Duration.ofHours(1));
        clock.advance(Duration.ofHours(2));

        assertThat(tokens.authenticate(issued.secret())).isEmpty();

        assertThat(tokens.list().get(0).lastUsedAt()).isNull();
    }

    @Test
    void aRevokedTokenEndsAtOnce() {
        Issued issued = tokens.create("ann", false, null);
        Issued other = tokens.create("ann", false, null);

        assertThat(tokens.revoke(issued.token().id())).isTrue();

        assertThat(tokens.authenticate(issued.secret())).isEmpty();
        assertThat(tokens.authenticate(other.secret())).isPresent();
        assertThat(tokens.revoke(issued.token().id())).isFalse();
        assertThat(tokens.revoke(new UUID(1, 1))).isFalse();
    }

    @Test
    void lastUseIsNotedToTheHour() {
        Issued issued = tokens.create("ann", false, null);
        Instant first = clock.instant();
        tokens.authenticate(issued.secret());
        assertThat(tokens.list().get(0).lastUsedAt()).isEqualTo(first);

        clock.advance(Duration.ofHours(1));
        tokens.authenticate(issued.secret());
        assertThat(tokens.list().get(0).lastUsedAt()).isEqualTo(first);

        clock.advance(Duration.ofMillis(1));
        tokens.authenticate(issued.secret());
        assertThat(tokens.list().get(0).lastUsedAt()).isEqualTo(clock.instant());
    }

    @Test
    void listsTheOldestFirst() {
        Issued first = tokens.create("b", false, null);
        clock.advance(Duration.ofMillis(1));
        Issued second = tokens.create("a", false, null);

        assertThat(tokens.list()).containsExactly(first.token(), second.token());
    }

    @Test
    void refusesAUserThatCannotBe() {
        assertThatThrownBy(() -> tokens.create("", false, null)).isInstanceOf(DocumentValidationException.class);
        assertThat(tokens.list()).isEmpty();
    }
}
