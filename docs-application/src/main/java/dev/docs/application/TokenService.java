package dev.docs.application;

import dev.docs.domain.ApiToken;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentStorageException;
import dev.docs.domain.Sha256;
import dev.docs.domain.TokenRepository;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * API tokens: 256 random bits behind a recognisable prefix. Only a digest is kept, and looking a digest up tells nothing
 * about the secret by its timing. For operators: these methods ask no {@link dev.docs.domain.AccessPolicy}.
 */
public final class TokenService {
    private static final Logger log = LoggerFactory.getLogger(TokenService.class);
    private static final String START = "docs_";
    private static final int SHOWN = START.length() + 6;
    private static final Duration USE_PRECISION = Duration.ofHours(1);

    private final TokenRepository repository;
    private final Clock clock;
    private final Ids ids;
    private final SecureRandom random = new SecureRandom();

    public TokenService(TokenRepository repository, Clock clock) {
        this.repository = repository;
        this.clock = clock;
        ids = new Ids(clock);
    }

    /**
     * A new token with its secret, which is shown now and never again.
     *
     * @param secret what callers send, {@code docs_} and 43 characters of base64url (RFC 4648)
     */
    public record Issued(ApiToken token, String secret) {}

    /**
     * @param lifetime how long it is valid; null for ever
     */
    public Issued create(String userId, boolean administrator, @Nullable Duration lifetime) {
        byte[] bits = new byte[32];
        random.nextBytes(bits);
        String secret = START + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
        UUID id = ids.next();
        Instant now = Ids.time(id);
        ApiToken token = new ApiToken(
                id,
                userId,
                administrator,
                secret.substring(0, SHOWN),
                Sha256.hex(secret),
                now,
                lifetime == null ? null : now.plus(lifetime),
                null);
        repository.create(token);
        return new Issued(token, secret);
    }

    /** Who a secret stands for; empty if it is unknown, revoked or expired. */
    public Optional<Caller> authenticate(String secret) {
        if (!secret.startsWith(START)) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Optional<ApiToken> found = repository.findBySha256(Sha256.hex(secret)).filter(token -> token.isValid(now));
        found.ifPresent(token -> noteUse(token, now));
        return found.map(token -> new Caller(token.userId(), token.administrator()));
    }

    /** Whether a user has a token now that lets them act as an administrator. */
    public boolean isAdministrator(String userId) {
        Instant now = clock.instant();
        return repository.list().stream()
                .anyMatch(token -> token.administrator() && token.userId().equals(userId) && token.isValid(now));
    }

    private void noteUse(ApiToken token, Instant now) {
        Instant last = token.lastUsedAt();
        if (last != null && !last.plus(USE_PRECISION).isBefore(now)) {
            return;
        }
        try {
            repository.used(token.id(), now);
        } catch (DocumentStorageException e) {
            // a database that can't be written now must not keep its readers out
            log.warn("the use of token {} could not be noted: {}", token.id(), e.getMessage());
        }
    }

    public List<ApiToken> list() {
        return repository.list();
    }

    /** Ends a token at once. Returns whether there was one. */
    public boolean revoke(UUID id) {
        return repository.revoke(id);
    }
}
