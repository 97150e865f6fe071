package dev.docs.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.application.TokenService.Issued;
import dev.docs.conformance.InMemoryDocumentRepository;
import dev.docs.conformance.InMemoryTokenRepository;
import dev.docs.domain.ApiToken;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentAccessException;
import dev.docs.domain.DocumentNotFoundException;
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
    void aTokenMadeWithAnotherEndsNoLaterThanThatOne() {
        ApiToken maker = tokens.create("ann", false, Duration.ofHours(2)).token();
        Instant end = clock.instant().plus(Duration.ofHours(2));

        assertThat(tokens.create(maker, null, false, null).token().expiresAt()).isEqualTo(end);
        assertThat(tokens.create(maker, "ann", false, end).token().expiresAt()).isEqualTo(end);
        assertThat(tokens.create(maker, null, false, end.minusMillis(1)).token().expiresAt())
                .isEqualTo(end.minusMillis(1));
        assertThatThrownBy(() -> tokens.create(maker, null, false, end.plusMillis(1)))
                .isInstanceOf(DocumentValidationException.class)
                .hasMessageContaining(end.toString());
        assertThatThrownBy(() -> tokens.create(maker, null, false, clock.instant()))
                .isInstanceOf(DocumentValidationException.class);
        assertThat(tokens.list()).hasSize(4);
    }

    @Test
    void anAdministratorsTokenEndsWhatItMakesForOthersToo() {
        ApiToken root = tokens.create("root", true, Duration.ofHours(2)).token();

        assertThat(tokens.create(root, "ann", false, null).token().expiresAt()).isEqualTo(root.expiresAt());
        assertThat(tokens.create(tokens.create("root", true, null).token(), "ann", true, null)
                        .token()
                        .expiresAt())
                .isNull();
    }

    @Test
    void onlyAdministratorsMakeTokensForOthersOrForAdministrators() {
        ApiToken ann = tokens.create("ann", false, null).token();
        ApiToken root = tokens.create("root", true, null).token();

        assertThatThrownBy(() -> tokens.create(ann, "bob", false, null)).isInstanceOf(DocumentAccessException.class);
        assertThatThrownBy(() -> tokens.create(ann, null, true, null)).isInstanceOf(DocumentAccessException.class);
        assertThat(tokens.list()).hasSize(2);
        Issued made = tokens.create(root, "bob", true, null);
        assertThat(tokens.authenticate(made.secret())).contains(Caller.administrator("bob"));
        assertThat(tokens.authenticate(tokens.create(root, "bob", false, null).secret()))
                .contains(Caller.user("bob"));
        assertThat(tokens.create(root, null, false, null).token().userId()).isEqualTo("root");
    }

    @Test
    void aRevokedTokenMakesNoOther() {
        ApiToken ann = tokens.create("ann", false, null).token();
        tokens.revoke(ann.id());

        assertThatThrownBy(() -> tokens.create(ann, null, false, null)).isInstanceOf(DocumentAccessException.class);
        assertThat(tokens.list()).isEmpty();
    }

    @Test
    void aUserHasSoManyTokensAndNoMore() {
        ApiToken ann = tokens.create("ann", false, null).token();
        for (int i = 1; i < TokenService.MOST_PER_USER; i++) {
            tokens.create(ann, null, false, clock.instant().plus(Duration.ofHours(1)));
        }

        assertThatThrownBy(() -> tokens.create(ann, null, false, null))
                .isInstanceOfSatisfying(
                        DocumentValidationException.class,
                        e -> assertThat(e.problems())
                                .singleElement()
                                .satisfies(
                                        problem -> assertThat(problem.limit()).isEqualTo(100)));
        tokens.create("ann", false, null);
        clock.advance(Duration.ofHours(1));
        tokens.create(ann, null, false, null);
        assertThat(tokens.list()).hasSize(3);
    }

    @Test
    void usersListAndRevokeTheirOwnAndAdministratorsAnybodys() {
        ApiToken anns = tokens.create("ann", false, null).token();
        ApiToken bobs = tokens.create("bob", false, null).token();
        Caller ann = Caller.user("ann");
        Caller root = Caller.administrator("root");

        assertThat(tokens.list(ann, null, null, 10)).containsExactly(anns);
        assertThat(tokens.list(ann, "ann", null, 10)).containsExactly(anns);
        assertThat(tokens.list(root, null, null, 10)).isEmpty();
        assertThat(tokens.list(root, "bob", null, 10)).containsExactly(bobs);
        assertThatThrownBy(() -> tokens.list(ann, "bob", null, 10)).isInstanceOf(DocumentAccessException.class);
        assertThatThrownBy(() -> tokens.revoke(ann, bobs.id())).isInstanceOf(DocumentNotFoundException.class);
        assertThatThrownBy(() -> tokens.revoke(ann, new UUID(1, 1))).isInstanceOf(DocumentNotFoundException.class);
        tokens.revoke(ann, anns.id());
        tokens.revoke(root, bobs.id());
        assertThat(tokens.list()).isEmpty();
    }

    @Test
    void refusesAUserThatCannotBe() {
        assertThatThrownBy(() -> tokens.create("", false, null)).isInstanceOf(DocumentValidationException.class);
        assertThat(tokens.list()).isEmpty();
    }
}
